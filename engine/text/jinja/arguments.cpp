#include "engine/text/jinja/arguments.h"

#include "engine/text/jinja/operations.h"

namespace hearth::jinja {

Result<Parameters> Parameters::bind(std::string_view function, const Arguments& arguments,
                                    std::initializer_list<std::string_view> names, std::size_t required) {
    Parameters parameters;
    parameters.m_function = function;
    parameters.m_names = names;
    parameters.m_values.assign(names.size(), Value::missing());
    const std::string prefix = std::string(function) + "() ";
    if (arguments.positional.size() > names.size())
        return templateError(prefix + "takes at most " + std::to_string(names.size()) + " arguments, not "
                             + std::to_string(arguments.positional.size()));
    for (std::size_t index = 0; index < arguments.positional.size(); ++index)
        parameters.m_values[index] = arguments.positional[index];
    for (const auto& [name, value] : arguments.named) {
        std::size_t index = 0;
        while (index < names.size() && parameters.m_names[index] != name)
            ++index;
        if (index == names.size())
            return templateError(prefix + "has no parameter '" + name + "'");
        if (parameters.given(index))
            return templateError(prefix + "got two values for '" + name + "'");
        parameters.m_values[index] = value;
    }
    for (std::size_t index = 0; index < required; ++index)
        if (!parameters.given(index))
            return templateError(prefix + "needs an argument for '" + std::string(parameters.m_names[index]) + "'");
    return parameters;
}

Error Parameters::wrong(std::size_t index, std::string_view wanted) const {
    std::string_view name = m_names[index];
    if (name.starts_with('/'))
        name.remove_prefix(1);
    return wrongType(std::string(m_function) + "(): '" + std::string(name) + "' must be " + std::string(wanted)
                         + ", not",
                     m_values[index]);
}

Result<Integer> Parameters::integer(std::size_t index, Integer fallback) const {
    if (!given(index))
        return fallback;
    if (!m_values[index].isIntegral())
        return wrong(index, "an integer");
    return m_values[index].asInteger();
}

Result<std::string> Parameters::text(std::size_t index, std::string_view fallback) const {
    if (!given(index))
        return std::string(fallback);
    if (!m_values[index].isText())
        return wrong(index, "a string");
    return textOf(m_values[index]);
}

bool Parameters::truth(std::size_t index, bool fallback) const {
    return given(index) ? isTrue(m_values[index]) : fallback;
}

Status expectNoArguments(std::string_view function, const Arguments& arguments) {
    return arguments.positional.empty() && arguments.named.empty()
               ? Status()
               : Status(templateError(std::string(function) + "() takes no arguments"));
}

} // namespace hearth::jinja
