"""Wrong arguments in one line: what is wrong, and where to read on."""

import click


def sentence(error: click.UsageError) -> str:
    """Returns the line about wrong arguments."""
    path = f"`{error.ctx.command_path} --help`" if error.ctx is not None else "`--help`"
    problem = _problem(error)
    return f"{problem} See {path}" if problem.endswith("?") else f"{problem}; see {path}"


def _problem(error: click.UsageError) -> str:
    match error:
        case click.exceptions.NoSuchCommand():
            return f"there is no command {error.command_name!r}{_near(error.possibilities)}"
        case click.NoSuchOption():
            return f"there is no option {error.option_name}{_near(error.possibilities)}"
        case click.MissingParameter():
            return f"{_name(error)} is missing{_wanted(error)}"
        case click.BadParameter():
            # Values are refused in the words of settings: "is 'x', but must be …".
            return f"{_name(error)} {error.message}".rstrip(".")
    return error.message[:1].lower() + error.message[1:].rstrip(".")


def _near(possibilities: list[str] | None) -> str:
    return f": did you mean {' or '.join(map(repr, possibilities))}?" if possibilities else ""


def _name(error: click.BadParameter) -> str:
    if error.param is None:
        return "an argument"
    if isinstance(error.param, click.Option):
        return max(error.param.opts, key=len)
    return error.param.make_metavar(error.ctx or click.Context(click.Command(None)))


def _wanted(error: click.BadParameter) -> str:
    said = getattr(error.param, "help", None)
    return f" ({said})" if said else ""
