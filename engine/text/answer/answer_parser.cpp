#include "engine/text/answer/answer_parser.h"

#include "engine/text/answer/harmony_answer_parser.h"
#include "engine/text/answer/tagged_answer_parser.h"

namespace hearth {

std::unique_ptr<AnswerParser> AnswerParser::create(const AnswerFormat& format, AnswerStart start, ToolsOffered tools) {
    if (format.calls == CallSyntax::Harmony)
        return std::make_unique<HarmonyAnswerParser>(start, tools);
    return std::make_unique<TaggedAnswerParser>(format, start, tools);
}

} // namespace hearth
