"""Generator, reconstructor and short-text language model; registered with Transformers' Auto classes."""

from transformers import AutoConfig, AutoModel, AutoModelForSeq2SeqLM

from summae.networks.config import SIZES, GeneratorConfig, ReconstructorConfig, ShortTextLMConfig
from summae.networks.language_model import ShortTextLM
from summae.networks.pointer_generator import Generator, Reconstructor, Seq2Seq
from summae.networks.pretrained import PretrainedSeq2Seq, PretrainedSeq2SeqConfig

for _config, _model in (
    (GeneratorConfig, Generator),
    (ReconstructorConfig, Reconstructor),
    (PretrainedSeq2SeqConfig, PretrainedSeq2Seq),
):
    AutoConfig.register(_config.model_type, _config)
    AutoModel.register(_config, _model)
    AutoModelForSeq2SeqLM.register(_config, _model)
AutoConfig.register(ShortTextLMConfig.model_type, ShortTextLMConfig)
AutoModel.register(ShortTextLMConfig, ShortTextLM)

AnyGenerator = Generator | PretrainedSeq2Seq  # what may play G
AnyReconstructor = Reconstructor | PretrainedSeq2Seq  # what may play R

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
