"""The losses: triplets, pairs, and classes with an angle. Functions of embeddings and identities.

Embeddings are unit vectors (b, d), float; identities (b,) int32: equal numbers, same person. Each
loss is one number, and 0 where the batch holds nothing to learn from. Distances are squared, as
in FaceNet (Schroff et al. 2015, https://arxiv.org/abs/1503.03832): no square root at 0.
"""

import tensorflow as tf

SMALLEST = 1e-7
"""What a squared sine counts at least: the slope of its root would be infinite at 0."""
FARTHER = 5.0
"""More than any squared distance of unit vectors."""


def triplet(embeddings: tf.Tensor, identities: tf.Tensor, margin: float, mining: str) -> tf.Tensor:
    """Return the mean of max(0, d(anchor, positive) - d(anchor, negative) + margin).

    For every anchor and positive there is one triplet, whose negative is
    random: at a rank of nearness drawn for each pair, by who is in the batch;
    semi_hard: the nearest that is farther than the positive, or else the farthest.
    With batch_hard there is one for every anchor: its farthest positive and nearest negative
    (Hermans et al. 2017, https://arxiv.org/abs/1703.07737).
    """
    distances = squared_distances(embeddings)
    same, different = pairings(identities)
    comparable = tf.reduce_any(different, axis=1, keepdims=True)
    if mining == "batch_hard":
        positive = tf.reduce_max(tf.where(same, distances, 0), axis=1, keepdims=True)
        negative = tf.reduce_min(tf.where(different, distances, FARTHER), axis=1, keepdims=True)
        counted = comparable & tf.reduce_any(same, axis=1, keepdims=True)
    else:
        positive, counted = distances, comparable & same
        ranks = None if mining == "semi_hard" else _drawn(distances, identities)
        negative = _negatives(distances, different, ranks)
    return _mean(tf.nn.relu(positive - negative + margin), counted)


def siamese(logits: tf.Tensor, identities: tf.Tensor) -> tf.Tensor:
    """Return the binary cross-entropy of "same", both kinds of pairs weighing half (course 4, 4.5).

    `logits` (b, b) are those of all pairs of the batch.
    """
    same, different = pairings(identities)
    return (_mean(tf.nn.softplus(-logits), same) + _mean(tf.nn.softplus(logits), different)) / 2


def arcface(
    embeddings: tf.Tensor, identities: tf.Tensor, centres: tf.Tensor, angle: float, scale: float
) -> tf.Tensor:
    """Return the cross-entropy of the people by scaled cosine, one's own angle made to look larger.

    Deng et al. 2019, https://arxiv.org/abs/1801.07698. `centres` (people, d), of any length, are
    those of the identities 0 .. people - 1. Others (dev's) have none: each of their pictures is
    told from the people of its batch, by the mean of everybody's pictures without itself.
    """
    people = centres.shape[0]
    cosines = tf.matmul(embeddings, tf.math.l2_normalize(centres, axis=1), transpose_b=True)
    is_own = tf.range(people)[None] == identities[:, None]
    own = tf.reduce_sum(tf.where(is_own, cosines, 0), axis=1)
    learned = _with_angle(own, cosines, tf.cast(~is_own, cosines.dtype), angle, scale)
    own, cosines, weights, has_own = _left_out(embeddings, identities)
    watched = _with_angle(own, cosines, weights, angle, scale)
    known = identities < people
    return _mean(tf.where(known, learned, watched), known | has_own)


def widened(cosines: tf.Tensor, angle: float) -> tf.Tensor:
    """Return cos(t + angle) for cos(t); where that is beyond pi, -2 - cos(t + angle) falls on."""
    sines = tf.sqrt(tf.maximum(1 - tf.square(cosines), SMALLEST))
    angle = tf.constant(angle, cosines.dtype)
    wider = cosines * tf.cos(angle) - sines * tf.sin(angle)
    return tf.where(cosines >= -tf.cos(angle), wider, -2 - wider)


def squared_distances(embeddings: tf.Tensor) -> tf.Tensor:
    """Return (b, b) squared distances of unit vectors, 0 to 4."""
    return tf.maximum(2 - 2 * tf.matmul(embeddings, embeddings, transpose_b=True), 0)


def pairings(identities: tf.Tensor) -> tuple[tf.Tensor, tf.Tensor]:
    """Return (b, b) bool twice: two pictures of one person, and of two people."""
    same = identities[:, None] == identities[None]
    return same & ~tf.eye(tf.shape(identities)[0], dtype=tf.bool), ~same


def _negatives(distances: tf.Tensor, different: tf.Tensor, drawn: tf.Tensor | None) -> tf.Tensor:
    """Return (b, b) distances of each pair's negative, and anything for anchors without one.

    `drawn`: at which rank of nearness, as a share (b, b) of all ranks; without it, semi-hard.
    """
    ranked = tf.sort(tf.where(different, distances, FARTHER), axis=1)
    last = tf.reduce_sum(tf.cast(different, tf.int32), axis=1, keepdims=True) - 1
    if drawn is None:
        rank = tf.searchsorted(ranked, distances, side="right")
    else:
        rank = tf.cast(drawn * tf.cast(last + 1, tf.float32), tf.int32)
    return tf.gather(ranked, tf.clip_by_value(rank, 0, tf.maximum(last, 0)), batch_dims=1)


def _drawn(distances: tf.Tensor, identities: tf.Tensor) -> tf.Tensor:
    """Return (b, b) shares, 0 to 1: others for other people in the batch, or in another order.

    So they vary from step to step, and a training that is resumed draws the same.
    """
    people = tf.cast(identities, tf.int32)
    seed = tf.stack([tf.reduce_sum(people), tf.reduce_sum(people * tf.range(tf.size(people)))])
    return tf.random.stateless_uniform(tf.shape(distances), seed=seed)


def _left_out(
    embeddings: tf.Tensor, identities: tf.Tensor
) -> tuple[tf.Tensor, tf.Tensor, tf.Tensor, tf.Tensor]:
    """Return cosines with the means of the batch: (b,) of one's own, (b, b) of each other's person.

    And the weights of these (b, b), of which a person's sum to 1, and (b,) bool: who has an own
    mean and others. Instead of a column for each person there is one for each picture.
    """
    same, different = pairings(identities)
    mates = tf.cast(same, embeddings.dtype)
    without = tf.matmul(mates, embeddings)
    means = tf.math.l2_normalize(without + embeddings, axis=1)
    own = tf.reduce_sum(embeddings * tf.math.l2_normalize(without, axis=1), axis=1)
    weights = tf.cast(different, mates.dtype) / (1 + tf.reduce_sum(mates, axis=1))
    has_own = tf.reduce_any(same, axis=1) & tf.reduce_any(different, axis=1)
    return own, tf.matmul(embeddings, means, transpose_b=True), weights, has_own


def _with_angle(
    own: tf.Tensor, others: tf.Tensor, weights: tf.Tensor, angle: float, scale: float
) -> tf.Tensor:
    """Return (b,) cross-entropies of own (b,) against others (b, n), which count as weighted."""
    wanted = scale * widened(own, angle)[:, None]
    counted = weights > 0
    shift = tf.math.log(tf.where(counted, weights, 1))
    logits = tf.where(counted, scale * others + shift, others.dtype.min)
    return tf.reduce_logsumexp(tf.concat([wanted, logits], axis=1), axis=1) - wanted[:, 0]


def _mean(values: tf.Tensor, counted: tf.Tensor) -> tf.Tensor:
    total = tf.reduce_sum(tf.where(counted, values, 0))
    return tf.math.divide_no_nan(total, tf.reduce_sum(tf.cast(counted, values.dtype)))
