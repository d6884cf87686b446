// Any bytes as a template, rendered with a conversation: it must end, with a text or an error.
#include "engine/text/jinja/template.h"

#include <cstddef>
#include <cstdint>
#include <cstdlib>

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size);

int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    using namespace hearth;
    static const nlohmann::ordered_json kVariables = nlohmann::ordered_json::parse(R"({
        "messages": [{"role": "system", "content": "Be brief."}, {"role": "user", "content": "Hi thére"},
                     {"role": "assistant", "content": "", "tool_calls": [{"function": {"name": "f",
                      "arguments": {"a": [1, 2.5, null, true]}}}]}],
        "tools": [{"type": "function", "function": {"name": "f", "parameters": {"properties": {"x": {}}}}}],
        "bos_token": "<s>", "eos_token": "</s>", "add_generation_prompt": true, "n": 3, "empty": []})");
    jinja::Limits limits;
    limits.steps = 200'000;
    limits.memoryBytes = 16 << 20;
    limits.outputBytes = 1 << 20;
    const auto parsed = jinja::Template::parse({reinterpret_cast<const char*>(data), size});
    if (!parsed.ok())
        return parsed.error().code == ErrorCode::InvalidInput ? 0 : (std::abort(), 0);
    const auto text = parsed->render(kVariables, std::chrono::system_clock::time_point(), limits);
    if (!text.ok() && text.error().code != ErrorCode::InvalidInput)
        std::abort();
    return 0;
}
