"""The four translators, their loss, and the steps that a search takes them through."""

import math
from typing import TYPE_CHECKING, Any

import keras
import tensorflow as tf

from common.training.learning import optimizer
from projects.machine_translation.attention import Bahdanau, Luong
from projects.machine_translation.parts import Maker, Recipe
from projects.machine_translation.recurrent import Encoder, NoAttention, Tensors
from projects.machine_translation.settings import Settings
from projects.machine_translation.tokens import PAD
from projects.machine_translation.transformer import TransformerDecoder, TransformerEncoder

if TYPE_CHECKING:
    from projects.machine_translation.data import Assets

NETWORKS: dict[str, tuple[Any, Any]] = {
    "no_attention": (Encoder, NoAttention),
    "bahdanau": (Encoder, Bahdanau),
    "luong": (Encoder, Luong),
    "transformer": (TransformerEncoder, TransformerDecoder),
}


def build(assets: "Assets", settings: Settings) -> keras.Model:
    """Return the compiled network that `settings.model.name` asks for.

    Raises UserError when a transformer's width is no multiple of its heads.
    """
    recipe = Recipe(
        source_pieces=assets.source.size,
        target_pieces=assets.target.size,
        model=settings.model,
        dropout=settings.fit.dropout,
        l2=settings.fit.l2,
        initialization=settings.fit.initialization,
        seed=settings.runtime.seed,
    )
    model = Translator(recipe.model_dump(), name=settings.model.name)
    model.compile(
        optimizer(settings.fit),
        PieceLoss(settings.fit.label_smoothing),
        metrics=[PieceError()],
        jit_compile=False,  # it would compile each shape of batch anew, for seconds
    )
    return model


def initial_loss(assets: "Assets", settings: Settings) -> float:
    """Return the loss of a model that knows nothing: all target pieces are equally likely."""
    return math.log(assets.target.size)


@keras.saving.register_keras_serializable("translation")
class Translator(keras.Model):
    """An encoder and a decoder, for training all steps at once and for searching one by one.

    Pieces are int32, padding is 0 and changes nothing: b sentences of T source and U target pieces.
    """

    def __init__(self, recipe: dict[str, Any], **kwargs: Any) -> None:
        """Take a recipe's fields (parts.Recipe), and make all weights."""
        super().__init__(**kwargs)
        self.recipe = Recipe(**recipe)
        make = Maker(self.recipe)
        encoder, decoder = NETWORKS[self.recipe.model.name]
        self.encoder, self.decoder = encoder(make), decoder(make)
        self.logits = make.logits(self.recipe.model.width, self.recipe.target_pieces)
        self.built = True

    def call(self, inputs: Tensors, training: bool | None = None) -> tf.Tensor:
        """Return logits (b, U, V) for {"source": (b, T), "given": (b, U)} (teacher forcing)."""
        memory = self.decoder.remembered(self.encoder(inputs["source"], training=training))
        return self.logits(self.decoder(inputs["given"], memory, training=training))

    def encode(self, source: tf.Tensor) -> Tensors:
        """Return all that the decoder needs of the source (b, T), first axes b."""
        return self.decoder.remembered(self.encoder(source, training=False))

    def start(self, memory: Tensors) -> Tensors:
        """Return the decoder's first state, first axes b."""
        return self.decoder.start(memory)

    def step(
        self, tokens: tf.Tensor, state: Tensors, memory: Tensors
    ) -> tuple[tf.Tensor, Tensors, tf.Tensor]:
        """Return log-probabilities (b, V) float32, the next state, and attention (b, T) float32.

        `tokens` (b,) are the pieces before: BEGIN at first. Without attention, zeros.
        """
        readout, state, attention = self.decoder.step(tokens, state, memory)
        logits = tf.cast(self.logits(readout), tf.float32)
        return tf.nn.log_softmax(logits), state, tf.cast(attention, tf.float32)

    def build(self, input_shape: Any = None) -> None:
        """Do nothing: all weights are made with the model."""

    def get_config(self) -> dict[str, Any]:
        """Return the recipe."""
        return {"recipe": self.recipe.model_dump(), "name": self.name}


@keras.saving.register_keras_serializable("translation")
class PieceLoss(keras.losses.Loss):
    """Cross-entropy, the mean over all pieces of a batch that are not padding."""

    def __init__(self, label_smoothing: float = 0.0, name: str = "piece_loss") -> None:
        super().__init__(name=name)
        self.label_smoothing = label_smoothing

    def call(self, y_true: tf.Tensor, y_pred: tf.Tensor) -> tf.Tensor:
        """Return a number for pieces (b, U) and logits (b, U, V)."""
        pieces = tf.cast(y_true, tf.int32)
        losses = tf.nn.sparse_softmax_cross_entropy_with_logits(pieces, y_pred)
        if self.label_smoothing:
            # Cross-entropy is linear in the label: of the even one, it is that of the true piece
            # and how far this one's logit lies above the mean.
            above = tf.gather(y_pred, pieces, batch_dims=2) - tf.reduce_mean(y_pred, -1)
            losses += self.label_smoothing * above
        real = tf.cast(tf.not_equal(pieces, PAD), losses.dtype)
        return tf.math.divide_no_nan(tf.reduce_sum(losses * real), tf.reduce_sum(real))

    def get_config(self) -> dict[str, Any]:
        """Return smoothing and name."""
        return {"label_smoothing": self.label_smoothing, "name": self.name}


@keras.saving.register_keras_serializable("translation")
class PieceError(keras.metrics.Mean):
    """Share of pieces that are not the likeliest one, where all before are given."""

    def __init__(self, name: str = "piece_error", dtype: str | None = None) -> None:
        super().__init__(name=name, dtype=dtype)

    def update_state(self, y_true: tf.Tensor, y_pred: tf.Tensor, sample_weight: Any = None) -> None:
        """Count the pieces (b, U) of a batch, of which padding is none."""
        pieces = tf.cast(y_true, tf.int64)
        wrong = tf.not_equal(tf.argmax(y_pred, -1), pieces)
        super().update_state(wrong, sample_weight=tf.not_equal(pieces, PAD))
