#pragma once

#include "engine/run/decoder.h"
#include "engine/run/engine.h"
#include "engine/run/speculation/speculation.h"

namespace hearth {

/// The loop behind Engine::generate(): reuse, prefill, then sample, emit and decode until something says stop.
/// speculation: of this decoder; constraint: of the answer, null for none. Errors: InvalidInput on prompts and settings
/// that cannot run; Device.
[[nodiscard]] Result<GenerationStats> generateText(Decoder& decoder, Speculation& speculation,
                                                   const Tokenizer& tokenizer, TokenConstraint* constraint,
                                                   const GenerationRequest& request, const GenerationSink& sink,
                                                   std::stop_token stop);

} // namespace hearth
