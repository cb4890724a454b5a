"""The first pass: text -> syntax tree, by a dialect of sqlglot that has few words and knows no functions.

Only the words and signs listed here exist, so that everything else is refused where it stands, and `date`, `type` or
`year` are plain field names. Every call arrives as `exp.Anonymous`: its name and arguments, whatever the name.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import ClassVar

import sqlglot
from sqlglot import ParseError, Token, TokenError, TokenType, exp

from okr_sync.formula.refusal import TOO_DEEP, Refused

WORDS: Mapping[str, TokenType] = {
    "AND": TokenType.AND,
    "BETWEEN": TokenType.BETWEEN,
    "CASE": TokenType.CASE,
    "DISTINCT": TokenType.DISTINCT,
    "ELSE": TokenType.ELSE,
    "END": TokenType.END,
    "FALSE": TokenType.FALSE,
    "IN": TokenType.IN,
    "IS": TokenType.IS,
    "LIKE": TokenType.LIKE,
    "NOT": TokenType.NOT,
    "NULL": TokenType.NULL,
    "OR": TokenType.OR,
    "THEN": TokenType.THEN,
    "TRUE": TokenType.TRUE,
    "WHEN": TokenType.WHEN,
}
SIGNS: Mapping[str, TokenType] = {
    "(": TokenType.L_PAREN,
    ")": TokenType.R_PAREN,
    ",": TokenType.COMMA,
    "+": TokenType.PLUS,
    "-": TokenType.DASH,
    "*": TokenType.STAR,
    "/": TokenType.SLASH,
    "=": TokenType.EQ,
    "<>": TokenType.NEQ,
    "!=": TokenType.NEQ,
    "<": TokenType.LT,
    "<=": TokenType.LTE,
    ">": TokenType.GT,
    ">=": TokenType.GTE,
}
VALUES = {TokenType.VAR, TokenType.IDENTIFIER, TokenType.NUMBER, TokenType.STRING}
_ALLOWED = frozenset({*WORDS.values(), *SIGNS.values(), *VALUES})

_INSTEAD = {
    "SELECT": "write the inner part as a metric of its own and use its name",
    "FROM": "a formula reads the stream, or the metrics, that it belongs to",
    "AS": "there are no casts and no aliases",
    "OVER": "there are no window functions",
    "FILTER": "write count_if(condition), or the function over case when condition then x end",
    "INTERVAL": "write elapsed time with hours(a, b) or days(a, b)",
    "%": "write 0.25 for 25 %",
    "||": "there is no joining of texts",
    "::": "there are no casts",
    "[": "for a list field write contains(labels, 'text')",
    ".": "write a field's name alone, and 0.5 for .5",
    ";": "a formula is one expression",
}
"""Words and signs that SQL has and formulas have not, with what to do. They are known only to be named when refused."""


class Formula(sqlglot.Dialect):
    """The syntax of formulas."""

    class Tokenizer(sqlglot.Tokenizer):
        KEYWORDS: ClassVar[dict[str, TokenType]] = {**dict.fromkeys(_INSTEAD, TokenType.UNKNOWN), **WORDS, **SIGNS}

    class Parser(sqlglot.Parser):
        FUNCTIONS: ClassVar[dict[str, Callable[..., exp.Expr]]] = {}
        FUNCTION_PARSERS: ClassVar[dict[str, Callable[..., exp.Expr]]] = {}
        FUNC_TOKENS: ClassVar = {TokenType.VAR}
        ID_VAR_TOKENS: ClassVar = {TokenType.VAR}
        ALIAS_TOKENS: ClassVar = {TokenType.ALIAS}
        NO_PAREN_FUNCTIONS: ClassVar[dict[TokenType, type[exp.Expr]]] = {}
        NO_PAREN_FUNCTION_PARSERS: ClassVar = {"CASE": sqlglot.Parser.NO_PAREN_FUNCTION_PARSERS["CASE"]}
        PRIMARY_PARSERS: ClassVar = {
            **sqlglot.Parser.PRIMARY_PARSERS,
            # Unlike sqlglot's own, these note where the word stands.
            TokenType.NULL: lambda self, token: self.expression(exp.Null(), token),
            TokenType.TRUE: lambda self, token: self.expression(exp.Boolean(this=True), token),
            TokenType.FALSE: lambda self, token: self.expression(exp.Boolean(this=False), token),
        }

        def _parse_function_call(
            self,
            functions: dict[str, Callable[..., exp.Expr]] | None = None,
            anonymous: bool = False,
            optional_parens: bool = True,
            any_token: bool = False,
        ) -> exp.Expr | None:
            """Note where a call or a `case` ends, for underlining it as a whole."""
            first = self._curr
            call = super()._parse_function_call(functions, anonymous, optional_parens, any_token)
            if call is not None:
                call.meta.update(start=first.start, end=self._prev.end)
            return call


@dataclass(frozen=True, slots=True)
class Syntax:
    """What a kind of text is made of, and how messages name it."""

    dialect: sqlglot.Dialect
    allowed: frozenset[TokenType]
    instead: Mapping[str, str]
    """Words and signs that are known only to be named when refused, with what to do."""
    language: str = "the formula language"
    text: str = "a formula"
    owner: str = "metric"


_FORMULA = Syntax(Formula(), _ALLOWED, _INSTEAD)


def parse(text: str) -> exp.Expr:
    """The syntax tree of a formula, each of its names and values knowing where it stands.

    Raises:
        Refused: the text is not one expression, or holds a word or sign that formulas do not have.
    """
    tree = parse_as(text, _FORMULA, exp.Condition)
    if tree is None:
        raise Refused("the formula is empty", 0, 0)
    return spell_out_cases(tree)


def parse_as(text: str, syntax: Syntax, kind: type[exp.Expr]) -> exp.Expr | None:
    """The syntax tree of a text of this syntax, `None` for an empty one.

    Raises:
        Refused: the text is not of this kind, or holds a word or sign that the syntax does not have.
    """
    found = _tokenize(text, syntax)
    _check_tokens(text, found, syntax)
    try:
        # The context reaches back to the beginning, so that its length is the offence's offset.
        trees = syntax.dialect.parser(error_message_context=len(text)).parse_into(kind, found, text)
    except ParseError as error:
        raise _explain(error) from error
    except RecursionError as error:
        raise Refused(TOO_DEEP, 0, len(text) - 1) from error
    return trees[0] if trees else None


def _tokenize(text: str, syntax: Syntax) -> list[Token]:
    try:
        return syntax.dialect.tokenize(text)
    except TokenError as error:
        closed = re.sub(r"'(''|[^'])*'|\"[^\"]*\"", lambda quoted: "_" * len(quoted[0]), text)
        start = min((at for at in (closed.find("'"), closed.find('"')) if at >= 0), default=0)
        raise Refused("this quote is never closed", start, len(text) - 1) from error


def _check_tokens(text: str, found: Sequence[Token], syntax: Syntax) -> None:
    done = 0
    for token in found:
        _check_gap(text, done, token.start, syntax)
        if token.token_type not in syntax.allowed:
            hint = syntax.instead.get(token.text.upper())
            message = f"{token.text.lower()!r} is not part of {syntax.language}"
            raise Refused(f"{message}; {hint}" if hint else message, token.start, token.end)
        if token.token_type is TokenType.VAR and not token.text.isidentifier():
            message = f"{token.text!r} is not a name; a name with signs in it stands in double quotes"
            raise Refused(message, token.start, token.end)
        done = token.end + 1
    _check_gap(text, done, len(text), syntax)


def _check_gap(text: str, start: int, end: int, syntax: Syntax) -> None:
    """Refuse what the tokenizer skips in silence, whatever its syntax: only comments are not blank."""
    skipped = text[start:end]
    if skipped.strip():
        first = start + len(skipped) - len(skipped.lstrip())
        message = f"{syntax.text} holds no comments; write them as YAML comments or in the {syntax.owner}'s description"
        raise Refused(message, first, first + len(skipped.strip()) - 1)


_SYNTAX = {
    "Expecting )": "a ')' or ',' is missing here",
    "Expected END": "this case has no end",
    "Required keyword": "something is missing beside this",
}


def _explain(error: ParseError) -> Refused:
    noted = error.errors[0]
    start = len(noted["start_context"] or "")
    described = (mine for theirs, mine in _SYNTAX.items() if noted["description"].startswith(theirs))
    return Refused(next(described, "this does not fit here"), start, start + len(noted["highlight"] or " ") - 1)


def spell_out_cases(tree: exp.Expr) -> exp.Expr:
    """`case x when 1 then ...` means `case when x = 1 then ...`: later passes know only that form."""
    for case in tree.find_all(exp.Case):
        if case.this is not None:
            for branch in case.args["ifs"]:
                branch.set("this", exp.EQ(this=case.this.copy(), expression=branch.this))
            case.set("this", None)
    return tree
