import subprocess
import sys


def test_the_strategy_layer_needs_no_tensorflow_and_scipy_only_when_it_counts():
    code = (
        "import sys, pkgutil, importlib, common.strategy as s\n"
        "[importlib.import_module('common.strategy.' + m.name) "
        "for m in pkgutil.iter_modules(s.__path__)]\n"
        "ours = {m for m in sys.modules if m.startswith(('common.', 'projects'))}\n"
        "assert all(m == 'common.errors' or m.startswith('common.strategy') for m in ours), ours\n"
        "assert not {'tensorflow', 'keras', 'mlflow', 'scipy.stats'} & set(sys.modules)\n"
    )
    subprocess.run([sys.executable, "-c", code], check=True)
