"""Writes what is generated of the Fortran module and of the Julia package from include/h5sim.h: `make header` calls it.

    bindings.py            writes include/h5sim.f90 and the ccalls in julia/H5Sim/src/H5Sim.jl
    bindings.py FOLDER     writes them into a folder, for the test that compares them with what is committed

fortran/h5sim.fypp asks this module for the interfaces and the constants.
"""

import os
import sys
import textwrap

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
from header import Header  # noqa: E402

ROOT = os.path.dirname(os.path.dirname(os.path.abspath(__file__)))
HEADER = Header(os.path.join(ROOT, "include", "h5sim.h"))
#: The standard's limit is 132.
LONGEST_FORTRAN_LINE = 130
#: Types of the header that are numbers, texts or addresses under another name.
ALIASES = {"h5sim_file": "int64_t", "h5sim_json": "int64_t"}
#: Types of functions that the program hands in.
CALLBACKS = {"h5sim_allgather"}


def plain(c_type):
    """A C type without const and by its own name."""
    words = c_type.replace("const ", "").replace("const", "")
    name, stars = words.rstrip("*"), words.count("*")
    return ALIASES.get(name, name) + "*" * stars


# ------------------------------------------------------------------------------------------------------------- Fortran

FORTRAN = {"int32_t": "integer(c_int32_t)", "int64_t": "integer(c_int64_t)", "double": "real(c_double)"}
KINDS = ["c_char", "c_double", "c_funptr", "c_int32_t", "c_int64_t", "c_ptr"]


def fortran_constants():
    """The parameters of h5sim_c."""
    lines = []
    for constant in HEADER.constants:
        lines += fortran_comment(constant.comment)
        lines.append(f"  integer(c_int32_t), parameter :: {constant.name} = {constant.value}")
    return "\n".join(lines)


def fortran_comment(text, indent="  "):
    return textwrap.wrap(text, LONGEST_FORTRAN_LINE, initial_indent=indent + "!> ", subsequent_indent=indent + "!> ")


def constant_names():
    return [constant.name for constant in HEADER.constants]


def function_names():
    """The functions without h5sim_ before them."""
    return [function.name[len("h5sim_"):] for function in HEADER.functions]


def fortran_interfaces():
    """The interfaces of h5sim_c, one for each function."""
    return "\n\n".join(fortran_interface(function) for function in HEADER.functions)


def fortran_interface(function):
    arguments = [argument.name for argument in function.arguments]
    declarations = [fortran_argument(argument) for argument in function.arguments]
    if function.result == "void":
        kind, result = "subroutine", ""
    else:
        name = {"int32_t": "status", "const char*": "text"}[function.result]
        if function.name == "h5sim_has_feature":
            name = "has"
        kind, result = "function", f" result({name})"
        declarations.append(f"{'type(c_ptr)' if name == 'text' else FORTRAN[function.result]} :: {name}")
    used = [kind_name for kind_name in KINDS if any(f"{kind_name})" in line for line in declarations)]
    lines = fortran_comment(function.summary, "    ")
    lines += fortran_statement(f"    {kind} {function.name}({', '.join(arguments)}) bind(c, name=\"{function.name}\"){result}")
    if used:
        lines.append(f"      import :: {', '.join(used)}")
    lines += [f"      {line}" for line in declarations]
    lines.append(f"    end {kind} {function.name}")
    return "\n".join(lines)


def fortran_statement(line):
    """A statement, on as many lines as it needs."""
    lines = []
    while len(line) > LONGEST_FORTRAN_LINE:
        # Before bind, or else behind an argument.
        at = line.rfind(" bind(", 0, LONGEST_FORTRAN_LINE - 2)
        at = at - 1 if at > 0 else line.rfind(", ", 0, LONGEST_FORTRAN_LINE - 2)
        lines.append(line[: at + 1] + " &")
        line = "      & " + line[at + 1 :].lstrip()
    return lines + [line]


def fortran_argument(argument):
    """How an argument is declared. Where NULL means something, that is type(c_ptr) by value, save for texts, where an empty
    one does; and a scalar's shape, which has no elements to look at."""
    name, given = argument.name, "const" in argument.c_type
    c_type = plain(argument.c_type)
    if c_type in FORTRAN:
        return f"{FORTRAN[c_type]}, value :: {name}"
    if c_type in CALLBACKS:
        return f"type(c_funptr), value :: {name}"
    if c_type == "char*":
        return f"character(kind=c_char), intent(in) :: {name}(*)" if given else f"type(c_ptr), value :: {name}"
    if c_type == "void*":
        return f"type(c_ptr), value :: {name}"
    if c_type == "char**":
        return f"type(c_ptr), intent(in) :: {name}(*)" if given else f"type(c_ptr), intent(inout) :: {name}"
    of = FORTRAN[c_type.rstrip("*")]
    if given and "NULL" in argument.comment.replace("NULL for rank 0", ""):
        return f"type(c_ptr), value :: {name}"
    if given:
        return f"{of}, intent(in) :: {name}(*)"
    is_array = "room for" in argument.comment or "elements" in argument.comment
    return f"{of}, intent(inout) :: {name}{'(*)' if is_array else ''}"


# --------------------------------------------------------------------------------------------------------------- Julia

JULIA = {"int32_t": "Int32", "int64_t": "Int64", "double": "Float64", "void": "Cvoid", "char*": "Cstring",
         "int32_t*": "Ptr{Int32}", "int64_t*": "Ptr{Int64}", "double*": "Ptr{Float64}", "void*": "Ptr{Cvoid}",
         "char**": "Ptr{Cstring}"}
JULIA_BEGIN = "# What follows is made from include/h5sim.h by tools/bindings.py (make header).\n"
JULIA_END = "# Here ends what is made from include/h5sim.h.\n"


def julia_type(c_type):
    c_type = plain(c_type)
    return "Ptr{Cvoid}" if c_type in CALLBACKS else JULIA[c_type]


def julia_functions():
    """The constants and functions of the module C."""
    lines = [f"const {constant.name} = Int32({constant.value})" for constant in HEADER.constants]
    lines.append("")
    for function in HEADER.functions:
        # A word of Rust's has an underscore behind it there.
        names = [argument.name.rstrip("_") for argument in function.arguments]
        types = [julia_type(argument.c_type) for argument in function.arguments]
        lines.append(f"const {function.name}_entry = Entry(:{function.name})")
        lines.append(f"{function.name}({', '.join(names)}) =")
        tuple_of_types = f"({', '.join(types)}{',' if len(types) == 1 else ''})"
        call = f"    ccall(at({function.name}_entry), {julia_type(function.result)}"
        whole = ", ".join([call, tuple_of_types] + names) + ")"
        if len(whole) <= 120:
            lines.append(whole)
        else:
            lines += [call + ",", f"          {tuple_of_types},", f"          {', '.join(names)})"]
    return "\n".join(lines) + "\n"


def julia_module(text):
    """The Julia module with its generated part made anew."""
    before, rest = text.split(JULIA_BEGIN)
    _, after = rest.split(JULIA_END)
    return before + JULIA_BEGIN + "\n" + julia_functions() + "\n" + JULIA_END + after


# ----------------------------------------------------------------------------------------------------------------- all


def generate():
    """What is to be in each generated file: path within the project -> text."""
    import fypp

    options = fypp.FyppOptions()
    options.modules, options.moduledirs = ["bindings"], [os.path.join(ROOT, "tools")]
    module = fypp.Fypp(options).process_file(os.path.join(ROOT, "fortran", "h5sim.fypp"))
    julia = os.path.join("julia", "H5Sim", "src", "H5Sim.jl")
    with open(os.path.join(ROOT, julia), encoding="utf-8") as file:
        return {os.path.join("include", "h5sim.f90"): module, julia: julia_module(file.read())}


def main():
    folder = sys.argv[1] if len(sys.argv) > 1 else ROOT
    for path, text in generate().items():
        target = os.path.join(folder, path)
        os.makedirs(os.path.dirname(target), exist_ok=True)
        with open(target, "w", encoding="utf-8") as file:
            file.write(text)


if __name__ == "__main__":
    main()
