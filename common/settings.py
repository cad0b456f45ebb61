"""The groups of settings that every project shares. Imports nothing heavy."""

from typing import Annotated, Any, Literal

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, ValidationError

from common.errors import UserError


class Group(BaseModel):
    """A frozen group of settings: unknown fields and values out of range are refused."""

    model_config = ConfigDict(frozen=True, extra="forbid", use_attribute_docstrings=True)

    def __init__(self, **fields: Any) -> None:
        """Raise UserError, in one line, instead of pydantic's several."""
        try:
            super().__init__(**fields)
        except ValidationError as error:
            raise UserError(_one_line(error, type(self))) from None


def _one_line(error: ValidationError, group: type[BaseModel]) -> str:
    first = error.errors()[0]
    field = ".".join(str(part) for part in first["loc"])
    if first["type"] == "extra_forbidden":
        known = ", ".join(group.model_fields)
        return f"{group.__name__} has no field {field!r}; its fields are {known}"
    reason = first["msg"].removeprefix("Value error, ")
    reason = reason[:1].lower() + reason[1:]
    return f"{group.__name__.lower()}.{field} is {first['input']!r}: {reason}"


def _some_folds(folds: int) -> int:
    if folds == 1:
        raise ValueError("one fold leaves nothing to train on; 0, or at least 2, is expected")
    return folds


class Data(Group):
    """Where examples come from and how they are divided."""

    source: str = "embedded"
    """Where examples come from: embedded, folder:PATH, h5:PATH or tfds:NAME."""
    target: str | None = None
    """A second source that dev and test are made from; the first then gives train and train-dev."""
    target_trains: bool = False
    """Train also on the target's examples outside dev and test (course 3, 2.3)."""
    dev_share: float = Field(0.2, gt=0, lt=0.9)
    """Share of the examples in dev."""
    test_share: float = Field(0.2, ge=0, lt=0.9)
    """Share of the examples in the sealed test set."""
    seed: int = 0
    """Seed of generated data and of the hash that divides the groups."""


class Fit(Group):
    """How the model is trained: the knobs of course 2."""

    epochs: int = Field(10, ge=1)
    """How many epochs to train."""
    passes: int = Field(1, ge=1)
    """Passes over the training set that count as one epoch: watched, saved and logged once."""
    batch_size: int = Field(32, ge=1)
    """Examples per step; at least the size of the training set means batch gradient descent."""
    optimizer: Literal["sgd", "momentum", "rmsprop", "adam", "adamw"] = "adam"
    """The update rule."""
    learning_rate: float = Field(1e-3, gt=0)
    """The learning rate, before any decay."""
    momentum: float = Field(0.9, ge=0, lt=1)
    """Momentum, where the optimizer has one (beta 1 for Adam)."""
    weight_decay: float = Field(0.0, ge=0)
    """Decoupled weight decay (AdamW)."""
    decay: Literal["constant", "inverse", "exponential", "cosine", "plateau"] = "constant"
    """How the rate falls: inverse is 1 / (1 + epoch); plateau halves when the loss stalls."""
    warmup_epochs: float = Field(0.0, ge=0)
    """Epochs over which the learning rate rises linearly from 0."""
    l2: float = Field(0.0, ge=0)
    """L2 penalty on every kernel."""
    dropout: float = Field(0.0, ge=0, lt=1)
    """Share of activations dropped in training."""
    batch_norm: bool = True
    """Normalise activations over the batch, where the model has such layers."""
    initialization: Literal["zeros", "small", "glorot", "he"] = "he"
    """How kernels start: small is a normal distribution of standard deviation 0.01."""
    patience: int = Field(0, ge=0)
    """Stop after so many epochs without a better watched loss, and keep the best; 0 never stops."""
    class_weights: bool = False
    """Weigh classes inversely to their frequency in train."""
    label_smoothing: float = Field(0.0, ge=0, lt=0.5)
    """Share of the label given to all classes alike."""
    clip_norm: float | None = Field(None, gt=0)
    """Clip the gradient to this global norm."""
    folds: Annotated[int, AfterValidator(_some_folds)] = Field(0, ge=0, le=20)
    """Cross-validate with so many folds: every example outside test is scored; 0 does not."""


class Runtime(Group):
    """How the machine is used."""

    seed: int = 0
    """Seed of initial weights, data order, augmentation and dropout."""
    deterministic: bool = False
    """Two runs give the same numbers to the last digit (slower)."""
    precision: Literal["float32", "bfloat16"] = "float32"
    """What layers compute in; weights, and what is exported, stay float32."""


class Strategy(Group):
    """What counts as good, and what the diagnosis compares with."""

    constraints: tuple[str, ...] = ()
    """What must hold besides, for example: 'latency_p95_ms <= 20'."""
    human_level: str = "source"
    """Human-level error: 'source' (known for embedded data), 'unknown', 0.02 or 6/300."""
    goal: float | None = Field(None, ge=0, le=1)
    """The dev error at which the project is done."""
    sheet_size: int = Field(100, ge=1)
    """How many random dev errors go on the error sheet."""


class Export(Group):
    """What leaves the house."""

    tolerance: float = Field(1e-4, gt=0)
    """Largest difference allowed between an export's scores and the trained model's."""


class Settings(Group):
    """What every project's settings start from."""

    data: Data = Data()
    fit: Fit = Fit()
    runtime: Runtime = Runtime()
    strategy: Strategy = Strategy()
    export: Export = Export()
