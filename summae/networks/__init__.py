"""Generator, reconstructor and short-text language model; registered with Transformers' Auto classes."""

from transformers import AutoConfig, AutoModel, AutoModelForSeq2SeqLM, AutoTokenizer

from summae.networks.config import SIZES, GeneratorConfig, ReconstructorConfig, ShortTextLMConfig
from summae.networks.language_model import ShortTextLM
from summae.networks.pointer_generator import Generator, Reconstructor
from summae.networks.pretrained import PretrainedSeq2Seq, PretrainedSeq2SeqConfig
from summae.networks.seq2seq import Seq2Seq
from summae.networks.shared_tokenizer import SharedTokenizer

for _config, _model in (
    (GeneratorConfig, Generator),
    (ReconstructorConfig, Reconstructor),
    (PretrainedSeq2SeqConfig, PretrainedSeq2Seq),
    (ShortTextLMConfig, ShortTextLM),
):
    AutoConfig.register(_config.model_type, _config)
    AutoModel.register(_config, _model)
    AutoTokenizer.register(_config, fast_tokenizer_class=SharedTokenizer)
    if _model is not ShortTextLM:
        AutoModelForSeq2SeqLM.register(_config, _model)

AnyGenerator = Generator | PretrainedSeq2Seq  # what may be G
AnyReconstructor = Reconstructor | PretrainedSeq2Seq  # what may be R

__all__ = [
    "SIZES",
    "AnyGenerator",
    "AnyReconstructor",
    "Generator",
    "GeneratorConfig",
    "PretrainedSeq2Seq",
    "PretrainedSeq2SeqConfig",
    "Reconstructor",
    "ReconstructorConfig",
    "Seq2Seq",
    "ShortTextLM",
    "ShortTextLMConfig",
]
