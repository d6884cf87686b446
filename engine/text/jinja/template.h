#pragma once

#include "engine/text/jinja/limits.h"
#include "kernels/base/result.h"

#include <nlohmann/json.hpp>

#include <chrono>
#include <memory>
#include <string>
#include <string_view>

namespace hearth::jinja {

struct Syntax;

/// A parsed Jinja template, rendered as transformers renders chat templates: trim_blocks and lstrip_blocks on, loop
/// controls and generation blocks known, nothing escaped, lists and dicts protected from changes, no other templates.
/// Immutable. Thread: any.
class Template {
public:
    /// Errors: InvalidInput with the line.
    [[nodiscard]] static Result<Template> parse(std::string_view source);
    Template(Template&&) noexcept;
    Template& operator=(Template&&) noexcept;
    ~Template();

    /// `variables`: an object; its keys are the template's variables. `now`: what strftime_now() prints.
    /// Errors: InvalidInput with line and reason: what raise_exception() said, a wrong type, a limit.
    [[nodiscard]] Result<std::string> render(const nlohmann::ordered_json& variables,
                                             std::chrono::system_clock::time_point now,
                                             const Limits& limits = {}) const;

private:
    explicit Template(std::unique_ptr<const Syntax> syntax);
    std::unique_ptr<const Syntax> m_syntax;
};

} // namespace hearth::jinja
