"""What the peers are made of: versions of their packages, and the BLAS they load with the kernel that it chose for this processor. Prints JSON."""
import importlib
import importlib.metadata
import json
import platform

NAMES = ["gensim", "torch", "scikit-learn", "openTSNE", "implicit", "lightgbm", "umap-learn", "numpy", "scipy"]


def version(name):
    try:
        return importlib.metadata.version(name)
    except importlib.metadata.PackageNotFoundError:
        return None


def blas():
    """The libraries of linear algebra in this process once numpy and scipy are loaded; None without threadpoolctl to ask."""
    try:
        for module in ("numpy", "scipy.linalg"):
            importlib.import_module(module)
        from threadpoolctl import threadpool_info
    except ImportError:
        return None
    kinds = [
        {"library": each["internal_api"], "version": each.get("version"), "kernel": each.get("architecture")}
        for each in threadpool_info()
        if each.get("user_api") == "blas"
    ]
    return [kind for at, kind in enumerate(kinds) if kind not in kinds[:at]]


packages = {name: version(name) for name in NAMES}
print(
    json.dumps(
        {
            "python": platform.python_version(),
            "packages": {name: found for name, found in packages.items() if found is not None},
            "blas": blas(),
        }
    )
)
