"""Networks that run on a whole clip and on a stream alike: layers that carry a memory.

A layer that looks back takes and returns its memory as one flat vector, (batch, memory), which
starts as zeros. A whole clip is then nothing but a stream of one chunk, and the network's state is
the vectors of its layers side by side.
"""

from collections.abc import Iterable
from typing import Any

import keras
import tensorflow as tf
from keras import layers

from common.errors import UserError
from projects.trigger_word_detection.grid import STEP


class Remembering(layers.Layer):
    """A layer over (batch, time, ...) whose outputs also depend on earlier inputs.

    `layer(x)` starts from nothing and returns the outputs; `layer(x, state)` goes on from a state
    (batch, memory) and returns the outputs and the next state. Both are `step`.
    """

    @property
    def memory(self) -> int:
        """Numbers that the layer carries from chunk to chunk; known once it is built."""
        raise NotImplementedError

    def step(self, x: tf.Tensor, state: tf.Tensor) -> tuple[tf.Tensor, tf.Tensor]:
        """Return the outputs for `x`, which follows what left `state`, and the next state."""
        raise NotImplementedError

    def call(self, x: tf.Tensor, state: tf.Tensor | None = None) -> Any:
        """Return outputs, and the next state where one is given."""
        if state is None:
            return self.step(x, tf.zeros((tf.shape(x)[0], self.memory), x.dtype))[0]
        return self.step(x, state)


def memory_of(chain: Iterable[layers.Layer]) -> list[int]:
    """Return how much each layer of a chain remembers."""
    return [layer.memory if isinstance(layer, Remembering) else 0 for layer in chain]


def step_through(
    chain: list[layers.Layer], x: tf.Tensor, state: tf.Tensor
) -> tuple[tf.Tensor, tf.Tensor]:
    """Return what a chain of layers makes of `x`, and its next state.

    Whether that is training, the layers ask the one that they are called in.
    """
    parts = []
    for layer, before in zip(chain, tf.split(state, memory_of(chain), axis=1), strict=True):
        if isinstance(layer, Remembering):
            x, after = layer(x, before)
            parts.append(tf.cast(after, state.dtype))
        else:
            x = layer(x)
    return x, tf.concat(parts, axis=1)


def state_size(model: keras.Model) -> int:
    """Return how many numbers a stream through the model carries from chunk to chunk."""
    return sum(memory_of(model.layers))


def stream_step(
    model: keras.Model, samples: tf.Tensor, state: tf.Tensor
) -> tuple[tf.Tensor, tf.Tensor]:
    """Return logits (batch, n / 640, 1) for the next n samples (batch, n), and the next state.

    The state is (batch, state_size) float32 and starts as zeros. Raises UserError for samples that
    are known not to fill whole steps.
    """
    if samples.shape[1] is not None and samples.shape[1] % STEP:
        raise UserError(f"{samples.shape[1]} samples: a stream takes multiples of {STEP}")
    chain = [one for one in model.layers if not isinstance(one, layers.InputLayer)]
    return step_through(chain, samples, state)


@keras.saving.register_keras_serializable("sound")
class CausalConv(Remembering):
    """A convolution over time that sees the present step and `kernel` - 1 earlier ones.

    They lie `dilation` steps apart (van den Oord et al. 2016); before the start there are zeros.
    Slices side by side and one matrix product, so that it is the same in every chunk.
    """

    def __init__(
        self,
        channels: int,
        kernel: int,
        dilation: int = 1,
        *,
        use_bias: bool = True,
        kernel_initializer: Any = "he_normal",
        kernel_regularizer: Any = None,
        **kwargs: Any,
    ) -> None:
        super().__init__(**kwargs)
        self.kernel_size, self.dilation = kernel, dilation
        self.product = layers.Dense(
            channels,
            use_bias=use_bias,
            kernel_initializer=kernel_initializer,
            kernel_regularizer=kernel_regularizer,
            dtype=self.dtype_policy,
            name="product",
        )

    def build(self, shape: tuple[int | None, ...]) -> None:
        """Make the kernel, (kernel * channels before, channels)."""
        self.before = int(shape[-1] or 0)
        self.product.build((*shape[:-1], self.kernel_size * self.before))

    @property
    def memory(self) -> int:
        """Channels of the steps that are looked back on."""
        return (self.kernel_size - 1) * self.dilation * self.before

    def step(self, x: tf.Tensor, state: tf.Tensor) -> tuple[tf.Tensor, tf.Tensor]:
        """Return (batch, time, channels) and the last inputs."""
        batch, time = tf.unstack(tf.shape(x)[:2])
        past = (self.kernel_size - 1) * self.dilation
        seen = tf.concat([tf.reshape(state, (batch, past, self.before)), x], axis=1)
        taps = [seen[:, k * self.dilation :][:, :time] for k in range(self.kernel_size)]
        y = self.product(tf.concat(taps, axis=-1))
        return y, tf.reshape(seen[:, time:], (batch, self.memory))

    def get_config(self) -> dict[str, Any]:
        """Return what the layer was made with."""
        dense = self.product.get_config()
        shared = ("use_bias", "kernel_initializer", "kernel_regularizer")
        return {
            **super().get_config(),
            "channels": self.product.units,
            "kernel": self.kernel_size,
            "dilation": self.dilation,
            **{name: dense[name] for name in shared},
        }


@keras.saving.register_keras_serializable("sound")
class Residual(Remembering):
    """The sum of its input and what a chain of layers makes of it (He et al. 2015)."""

    def __init__(self, chain: list[layers.Layer], **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.chain = list(chain)

    def build(self, shape: tuple[int | None, ...]) -> None:
        """Build the chain, which keeps the shape."""
        for layer in self.chain:
            if not layer.built:  # they are, when they were loaded
                layer.build(shape)

    @property
    def memory(self) -> int:
        """What its chain remembers."""
        return sum(memory_of(self.chain))

    def step(self, x: tf.Tensor, state: tf.Tensor) -> tuple[tf.Tensor, tf.Tensor]:
        """Return the sum, and the chain's next state."""
        y, state = step_through(self.chain, x, state)
        return x + y, state

    def get_config(self) -> dict[str, Any]:
        """Return the chain."""
        chain = [keras.saving.serialize_keras_object(layer) for layer in self.chain]
        return {**super().get_config(), "chain": chain}

    @classmethod
    def from_config(cls, config: dict[str, Any]) -> "Residual":
        """Return the layer with its chain."""
        chain = [keras.saving.deserialize_keras_object(one) for one in config["chain"]]
        return cls(**{**config, "chain": chain})


@keras.saving.register_keras_serializable("sound")
class Recurrent(Remembering):
    """A GRU (Cho et al. 2014) over time. A single step is its cell alone, which LiteRT can run."""

    def __init__(
        self,
        units: int,
        *,
        kernel_initializer: Any = "glorot_uniform",
        kernel_regularizer: Any = None,
        seed: int | None = None,
        **kwargs: Any,
    ) -> None:
        super().__init__(**kwargs)
        self.units, self.seed = units, seed
        self.gru = layers.GRU(
            units,
            return_sequences=True,
            return_state=True,
            kernel_initializer=kernel_initializer,
            kernel_regularizer=kernel_regularizer,
            recurrent_initializer=keras.initializers.Orthogonal(seed=seed),
            use_cudnn=False,  # an export of the GPU's own operation runs on no CPU
            dtype=self.dtype_policy,
            name="gru",
        )

    def build(self, shape: tuple[int | None, ...]) -> None:
        """Make the kernels."""
        self.gru.build(shape)

    @property
    def memory(self) -> int:
        """The hidden state."""
        return self.units

    def step(self, x: tf.Tensor, state: tf.Tensor) -> tuple[tf.Tensor, tf.Tensor]:
        """Return the hidden states, (batch, time, units), and the last of them."""
        if x.shape[1] == 1:
            y, _ = self.gru.cell(x[:, 0], [state])
            return y[:, None], y
        return tuple(self.gru(x, initial_state=state))

    def get_config(self) -> dict[str, Any]:
        """Return what the layer was made with."""
        gru = self.gru.get_config()
        return {
            **super().get_config(),
            "units": self.units,
            "seed": self.seed,
            "kernel_initializer": gru["kernel_initializer"],
            "kernel_regularizer": gru["kernel_regularizer"],
        }
