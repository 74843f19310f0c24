"""Transformers is told of summae's networks and of its task: one call, before Transformers is asked for them.

    >>> import summae
    >>> summae.register_with_transformers()
    >>> AutoModelForSeq2SeqLM.from_pretrained(f"{CHECKPOINT}/generator")     # reconstructor/ and AutoModel too
    >>> AutoTokenizer.from_pretrained(f"{CHECKPOINT}/generator")             # and of the checkpoint itself
    >>> transformers.pipeline("unsupervised-summarization")                  # the embedded model, or model=...

All with ``trust_remote_code=False``. Importing :mod:`summae.networks` or :mod:`summae.model.critic` tells of these.
"""

from __future__ import annotations

from importlib import import_module

TASK = "unsupervised-summarization"
NETWORKS = ("summae.networks", "summae.model.critic")  # modules that register their classes when they are imported


def register_with_transformers() -> None:
    """Register networks, tokenisers and the task. It imports Transformers; a second call does nothing."""
    for name in NETWORKS:
        import_module(name)
    from transformers import AutoModelForSeq2SeqLM
    from transformers.pipelines import PIPELINE_REGISTRY

    from summae.integrations.transformers_pipeline import UnsupervisedSummarizationPipeline
    from summae.model.checkpoint import DEFAULT, EMBEDDED

    if TASK in PIPELINE_REGISTRY.supported_tasks:
        return
    PIPELINE_REGISTRY.register_pipeline(
        TASK,
        pipeline_class=UnsupervisedSummarizationPipeline,
        pt_model=(AutoModelForSeq2SeqLM,),
        default={"model": (str(EMBEDDED / DEFAULT / "generator"), "main")},
        type="text",
    )
