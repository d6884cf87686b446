#include "engine/text/jinja/template.h"

#include "engine/text/jinja/ast.h"
#include "engine/text/jinja/from_json.h"
#include "engine/text/jinja/interpreter.h"
#include "engine/text/jinja/parser.h"
#include "engine/text/jinja/runtime.h"
#include "engine/text/jinja/unicode.h"

#include <utility>

namespace hearth::jinja {

Template::Template(std::unique_ptr<const Syntax> syntax) : m_syntax(std::move(syntax)) {}
Template::Template(Template&&) noexcept = default;
Template& Template::operator=(Template&&) noexcept = default;
Template::~Template() = default;

Result<Template> Template::parse(std::string_view source) {
    HEARTH_TRY(Syntax syntax, jinja::parse(sanitizeUtf8(source)));
    return Template(std::make_unique<const Syntax>(std::move(syntax)));
}

Result<std::string> Template::render(const nlohmann::ordered_json& variables, std::chrono::system_clock::time_point now,
                                     const Limits& limits) const {
    if (!variables.is_object())
        return Error{ErrorCode::InvalidInput, "the variables of a template must be a JSON object"};
    Runtime runtime(limits, now);
    HEARTH_TRY(Value inputs, fromJson(runtime, variables));
    Interpreter interpreter(*m_syntax, runtime, std::move(inputs));
    Result<std::string> text = interpreter.run();
    if (text.ok())
        return text;
    return text.error().within("line " + std::to_string(interpreter.line()));
}

} // namespace hearth::jinja
