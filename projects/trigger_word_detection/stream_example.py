"""Prints when the word is said. Needs this file, the model, numpy and ai-edge-litert.

python stream_example.py model.tflite sound.wav (16 bits, one channel, 16 kHz)
"""

import sys
import wave

import numpy as np
from ai_edge_litert.interpreter import Interpreter

CHUNK = 640  # samples: 40 ms

step = Interpreter(model_path=sys.argv[1]).get_signature_runner("step")
state = np.zeros(step.get_input_details()["state"]["shape"], np.float32)
with wave.open(sys.argv[2]) as file:
    if (file.getframerate(), file.getnchannels(), file.getsampwidth()) != (16_000, 1, 2):
        sys.exit(f"{sys.argv[2]}: 16 bits, one channel and 16 kHz are expected")
    seconds = 0.0
    while data := file.readframes(CHUNK):
        samples = np.zeros((1, CHUNK), np.float32)
        samples[0, : len(data) // 2] = np.frombuffer(data, "<i2") / 32768
        answer = step(samples=samples, state=state)
        state = answer["state"]
        seconds += CHUNK / 16_000
        if answer["detected"].item():
            print(f"{seconds:.2f} s")
