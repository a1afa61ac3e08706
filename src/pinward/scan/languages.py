"""Tables of syntax: what the nodes of each grammar are called. The walker in `syntax` knows no language.

Grammars share most names, so one table serves all; a language adds only what its own grammar calls otherwise.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from pathlib import PurePosixPath

from pinward.scan.mentions import StepKind


@dataclass(frozen=True, slots=True)
class Language:
    """One grammar of ast-grep: its name there, its literals and comments, the leaves that can be a library's
    constant, the leaves that refer to a variable, and text that is shown (JSX)."""

    grammar: str
    strings: tuple[str, ...]
    comments: tuple[str, ...] = ("comment",)
    constants: tuple[str, ...] = ()
    variables: tuple[str, ...] = ("identifier",)
    text: tuple[str, ...] = ()


# Nodes that bind a value to a name: the name is the first named child, or the part of the node before the value.
BINDINGS: dict[str, StepKind] = {
    **dict.fromkeys(("keyword_argument", "named_argument", "element_value_pair", "jsx_attribute"), "argument"),
    **dict.fromkeys(("argument", "value_argument", "attribute_argument"), "argument"),  # the name is optional in these
    **dict.fromkeys(("pair", "keyed_element", "field_initializer", "array_element_initializer"), "pair"),
    **dict.fromkeys(("object_elem", "block_mapping_pair", "flow_pair", "property_signature"), "pair"),
    **dict.fromkeys(("assignment", "assignment_expression", "augmented_assignment", "operator_assignment"), "assign"),
    **dict.fromkeys(("assignment_statement", "short_var_declaration", "variable_declarator", "var_spec"), "assign"),
    **dict.fromkeys(("const_spec", "const_item", "static_item", "let_declaration", "property_declaration"), "assign"),
    **dict.fromkeys(("val_definition", "var_definition", "const_element", "property_element"), "assign"),
    **dict.fromkeys(("named_expression", "public_field_definition", "field_definition"), "assign"),
    **dict.fromkeys(("initialized_variable_definition", "static_final_declaration", "variable_assignment"), "assign"),
    **dict.fromkeys(("enum_assignment", "enum_constant", "enum_entry", "enum_case", "enum_variant"), "enum"),
    **dict.fromkeys(("default_parameter", "typed_default_parameter", "required_parameter"), "default"),
    **dict.fromkeys(("optional_parameter", "assignment_pattern", "object_assignment_pattern"), "default"),
    **dict.fromkeys(("class_parameter", "parameter", "simple_parameter", "keyword_parameter"), "default"),
    **dict.fromkeys(("formal_parameter", "default_formal_parameter", "promoted_parameter"), "default"),
}
LANGUAGE_BINDINGS: dict[str, dict[str, StepKind]] = {
    "hcl": {"attribute": "pair"},
    "lua": {"field": "pair"},
    "dart": {"pair": "pair"},
    "go": {"field_declaration": "assign"},  # the tag of a field can hold its default
    "cpp": {
        **dict.fromkeys(("field_declaration", "init_declarator", "preproc_def"), "assign"),
        "optional_parameter_declaration": "default",
    },
}
NOT_NAMES = frozenset(
    {
        *("binding_pattern_kind", "value_binding_pattern", "comment", "decorator", "reference_type"),
        *("attribute_list", "annotation", "attribute_item", "annotations"),
    }
)
TYPED_BEHIND = frozenset({"const_spec", "var_spec", "field_declaration"})  # Go writes the type behind the name
ELEMENTS = frozenset({"array_element_initializer", "field"})  # in PHP and Lua, with a key or without
TARGETS = frozenset({"variable_list", "variable_declaration", "pattern", "expression_list"})
IMPORTS = frozenset({"use_declaration", "using_directive", "namespace_use_declaration", "alias"})
CONSTANT_BLOCKS = frozenset({"const_declaration", "class_body", "declaration_list", "template_body", "enum_class_body"})
LOOPS = frozenset({"for_statement", "for_in_statement", "for_in_clause", "foreach_statement", "for_expression", "for"})
PARAMETER_LISTS = frozenset({"function_value_parameters", "optional_formal_parameters"})
ARGUMENTS = frozenset(
    {
        *("argument_list", "arguments", "value_arguments", "annotation_argument_list", "attribute_argument_list"),
        *("token_tree",),
    }
)
INDEXES = frozenset(
    {
        *("subscript", "subscript_expression", "index_expression", "element_reference", "element_access_expression"),
        *("indexing_expression", "access_call", "bracketed_argument_list", "indexing_suffix"),
    }
)
COMPARISONS = frozenset(
    {
        *("comparison_operator", "equality_expression", "comparison_expression", "match_pattern", "switch_label"),
        *("when_condition", "constant_pattern", "switch_pattern", "match_condition_list", "test_command"),
        *("case_pattern", "extglob_pattern", "pattern", "check_expression", "instanceof_expression", "case_label"),
    }
)
# In these only the first named child is matched against; the rest is what follows from the match.
CASES = frozenset(
    {
        *("switch_case", "expression_case", "match_arm", "case_clause", "case_item", "when_entry", "stab_clause"),
        *("switch_expression_arm", "switch_section", "match_conditional_expression", "case_statement"),
        *("switch_statement_case", "switch_entry", "switch_rule"),
    }
)
EXPRESSION_CASES = frozenset(
    {"match_arm", "when_entry", "switch_expression_arm", "match_conditional_expression", "case_clause", "stab_clause"}
)
OPERATORS = frozenset({"binary_expression", "binary", "binary_operator", "infix_expression"})
COMPARE_OPERATORS = frozenset({"==", "!=", "===", "!==", "=~", "!~", "~=", "in", "not in", "<", ">", "eq", "ne", "=~="})
NOTHING = frozenset({'""', "''", "None", "nil", "null", "NULL", "undefined"})
PAIR_OPERATORS = frozenset({"to", "->", "=>"})
LISTS = frozenset(
    {
        *("list", "tuple", "set", "array", "array_expression", "array_initializer", "collection_literal"),
        *("list_literal", "array_literal", "block_sequence", "flow_sequence", "string_array", "collection_expression"),
        *("literal_value", "array_creation_expression", "initializer_expression", "table_constructor"),
        *("set_or_map_literal", "tuple_expression", "implicit_array_creation_expression", "initializer_list"),
    }
)
RETURNS = frozenset(
    {"return_statement", "return_expression", "jump_expression", "control_transfer_statement", "return"}
)
RAISES = frozenset({"raise_statement", "throw_statement", "throw_expression", "assert_statement"})
ELEMENTS_SHOWN = frozenset({"jsx_element", "jsx_fragment"})
TYPES = frozenset({"literal_type", "union_type", "type_annotation", "type_alias_declaration", "type"})
SCOPES = frozenset(
    {
        *("function_definition", "function_declaration", "function_item", "method_definition", "method_declaration"),
        *("method", "singleton_method", "class_definition", "class_declaration", "class", "module", "impl_item"),
        *("mod_item", "struct_item", "enum_item", "trait_item", "enum_declaration", "interface_declaration"),
        *("object_definition", "object_declaration", "type_spec", "constructor_declaration", "function_signature"),
        *("abstract_class_declaration", "struct_declaration", "namespace_declaration", "record_declaration", "block"),
        *("trait_declaration", "protocol_declaration", "function_expression", "local_function_statement"),
        *("struct_specifier", "class_specifier", "enum_specifier", "namespace_definition"),
    }
)
CALLS = frozenset({"call", "call_expression", "method_invocation", "invocation_expression", "method_call"})
# Functions without a name: what holds one says nothing of a name in its body.
CALLBACKS = frozenset({"arrow_function", "function_expression"})
FUNCTIONS = CALLBACKS | {
    *("function_definition", "function_declaration", "function_item", "method_definition", "method_declaration"),
    *("method", "constructor_declaration", "local_function_statement"),
}
MEMBERS = frozenset(
    {
        *("attribute", "member_expression", "selector_expression", "field_access", "navigation_expression"),
        *("navigation_suffix", "scoped_identifier", "member_access_expression", "scope_resolution", "field_expression"),
        *("class_constant_access_expression", "prefix_expression", "dot_index_expression", "type_identifier"),
        *("qualified_identifier", "dot", "unconditional_assignable_selector", "selector"),
    }
)
INTERPOLATIONS = frozenset(
    {
        *("interpolation", "template_substitution", "interpolated_expression", "template_interpolation"),
        *("simple_expansion", "expansion", "command_substitution", "string_interpolation", "variable_name"),
        *("interpolated_identifier", "format_expression"),
    }
)

_JS = Language(
    "typescript", ("string", "template_string"), ("comment",), ("property_identifier", "identifier"), text=("jsx_text",)
)
_SLASHES = ("line_comment", "block_comment")
_SIMPLE = ("simple_identifier",)
LANGUAGES: dict[str, Language] = {
    "python": Language("python", ("string", "concatenated_string"), constants=("identifier",)),
    "javascript": replace(_JS, grammar="javascript"),
    "typescript": _JS,
    "tsx": replace(_JS, grammar="tsx"),
    "go": Language(
        "go", ("interpreted_string_literal", "raw_string_literal"), constants=("field_identifier", "identifier")
    ),
    "java": Language("java", ("string_literal",), _SLASHES, ("identifier",)),
    "kotlin": Language("kotlin", ("string_literal",), ("line_comment", "multiline_comment"), _SIMPLE, _SIMPLE),
    "scala": Language(
        "scala", ("string", "interpolated_string_expression"), ("comment", "block_comment"), ("identifier",)
    ),
    "ruby": Language(
        "ruby", ("string", "bare_string", "heredoc_body"), ("comment",), ("constant",), ("constant", "identifier")
    ),
    "rust": Language("rust", ("string_literal", "raw_string_literal"), _SLASHES, ("identifier",)),
    "csharp": Language(
        "csharp",
        ("string_literal", "verbatim_string_literal", "raw_string_literal", "interpolated_string_expression"),
        constants=("identifier",),
    ),
    "php": Language("php", ("string", "encapsed_string", "heredoc", "nowdoc"), ("comment",), ("name",), ("name",)),
    "swift": Language(
        "swift",
        ("line_string_literal", "multi_line_string_literal"),
        ("comment", "multiline_comment"),
        _SIMPLE,
        _SIMPLE,
    ),
    "elixir": Language("elixir", ("string", "charlist")),
    "lua": Language("lua", ("string",)),
    "dart": Language("dart", ("string_literal",), ("comment", "block_comment"), ("identifier",)),
    "cpp": Language("cpp", ("string_literal", "raw_string_literal", "concatenated_string", "preproc_arg")),
    "bash": Language(
        "bash",
        ("string", "raw_string", "word", "concatenation", "heredoc_body", "extglob_pattern"),
        variables=("variable_name",),
    ),
    "hcl": Language("hcl", ("string_lit", "heredoc_template")),
    "yaml": Language(
        "yaml", ("plain_scalar", "double_quote_scalar", "single_quote_scalar", "block_scalar"), variables=()
    ),
    "json": Language("json", ("string",), variables=()),
}
SUFFIXES: dict[str, str] = {
    **dict.fromkeys((".py", ".pyi", ".pyw", ".bzl", ".star"), "python"),
    **dict.fromkeys((".js", ".mjs", ".cjs", ".jsx"), "javascript"),
    **dict.fromkeys((".ts", ".mts", ".cts"), "typescript"),
    ".tsx": "tsx",
    ".go": "go",
    ".java": "java",
    **dict.fromkeys((".kt", ".kts"), "kotlin"),
    **dict.fromkeys((".scala", ".sc", ".sbt"), "scala"),
    **dict.fromkeys((".rb", ".rake", ".gemspec", ".ru"), "ruby"),
    ".rs": "rust",
    **dict.fromkeys((".cs", ".csx"), "csharp"),
    ".php": "php",
    ".swift": "swift",
    **dict.fromkeys((".ex", ".exs"), "elixir"),
    ".lua": "lua",
    ".dart": "dart",
    **dict.fromkeys((".cpp", ".cc", ".cxx", ".hpp", ".hh", ".h", ".ino"), "cpp"),
    **dict.fromkeys((".sh", ".bash", ".zsh", ".bats"), "bash"),
    **dict.fromkeys((".tf", ".tfvars", ".hcl"), "hcl"),
    **dict.fromkeys((".yaml", ".yml"), "yaml"),
    **dict.fromkeys((".json", ".jsonc", ".json5", ".webmanifest"), "json"),
}
_SETTINGS = frozenset({"hcl", "yaml", "json"})
_EMBEDDED = (".ipynb", ".vue", ".svelte", ".astro")
SHEBANGS = {"bash": "bash", "sh": "bash", "zsh": "bash", "python": "python", "python3": "python", "node": "javascript"}


def has_grammar(path: str) -> bool:
    """Tell whether a file's ending promises text in a language that is parsed."""
    return PurePosixPath(path.lower()).suffix in SUFFIXES


def is_program(path: str) -> bool:
    """Tell whether a file's ending is that of code, and not of settings."""
    suffix = PurePosixPath(path.lower()).suffix
    return suffix in _EMBEDDED or SUFFIXES.get(suffix, "yaml") not in _SETTINGS
