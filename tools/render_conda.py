"""Renders packaging/conda/recipe.yaml as rattler-build does, and prints what came of it, for tools/test_packages.sh."""

import os

from rattler_build import Stage0Recipe, VariantConfig

ROOT = os.path.dirname(os.path.dirname(os.path.abspath(__file__)))
recipe = Stage0Recipe.from_file(os.path.join(ROOT, "packaging", "conda", "recipe.yaml"))
variants = VariantConfig.from_yaml("c_stdlib: [sysroot]\nc_stdlib_version: ['2.17']\n") if hasattr(VariantConfig, "from_yaml") else None
rendered = recipe.render(variants) if variants is not None else recipe.render()
for variant in rendered:
    done = variant.recipe() if callable(variant.recipe) else variant.recipe
    print(done.to_dict())
