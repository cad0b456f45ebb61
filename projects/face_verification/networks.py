"""The networks that turn a face into a unit vector."""

import keras
from keras import layers

from common.networks.stages import convnet, kernel, resnet
from projects.face_verification.settings import Settings

STAGES = {"convnet": convnet, "resnet": resnet}


def embedder(settings: Settings) -> keras.Model:
    """Return the network: pictures (b, size, size, 3) in 0..255 -> unit vectors (b, d) float32."""
    fit, seed = settings.fit, settings.runtime.seed
    size = settings.data.size
    pictures = keras.Input((size, size, 3), name="pictures")
    scaled = layers.Rescaling(1 / 127.5, offset=-1)(pictures)
    # Where in the face something is says who it is: maps are flattened, not averaged.
    maps = STAGES[settings.model.name](scaled, settings.model.width, fit, seed)
    features = layers.Flatten()(maps)
    if fit.dropout:
        features = layers.Dropout(fit.dropout, seed=seed)(features)
    precise = keras.config.dtype_policy().variable_dtype  # also where layers compute in bfloat16
    vector = layers.Dense(
        settings.model.embedding,
        use_bias=not fit.batch_norm,
        dtype=precise,
        name="embedding",
        **kernel(fit, seed, 99),
    )(features)
    if fit.batch_norm:  # holds faces apart: without it batch_hard collapses and ArcFace is slow
        vector = layers.BatchNormalization(
            momentum=0.9, center=False, scale=False, dtype=precise, name="spread"
        )(vector)
    unit = layers.UnitNormalization(dtype=precise, name="unit")(vector)
    return keras.Model(pictures, unit, name="embedder")
