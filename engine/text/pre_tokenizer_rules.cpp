#include "engine/text/pre_tokenizer.h"

#include <algorithm>
#include <utility>

// The rules that model files name. Patterns follow those of the models' own tokenizer definitions, read as llama.cpp
// reads them, since that is what file makers test with: upper and lower case letters count as different only in ASCII,
// and white space beyond ASCII matches \s alone.

namespace hearth {

namespace {

using Pattern = std::u32string_view;
using Patterns = std::vector<Pattern>;
using Traits = PreTokenizer::Traits;
using StepSource =
    std::variant<Patterns, PreTokenizer::DigitThrees, PreTokenizer::BeforeDigitThrees, PreTokenizer::TrailingSpace>;

struct Rule {
    std::vector<std::string_view> names;
    Traits traits;
    std::vector<StepSource> steps;
};

// Parts that many rules share.
constexpr Pattern kContraction = U"'[sStTmMdD]|'[rR][eE]|'[vV][eE]|'[lL][lL]";
constexpr Pattern kLowerContraction = U"'[stmd]|'re|'ve|'ll";
constexpr Pattern kWord = U"[^\\r\\n\\p{L}\\p{N}]?\\p{L}+";
constexpr Pattern kMarkedWord = U"[^\\r\\n\\p{L}\\p{N}]?[\\p{L}\\p{M}]+";
constexpr Pattern kMarkedWordContracted =
    U"[^\\r\\n\\p{L}\\p{N}]?[\\p{L}\\p{M}]+(?:'[sStTmMdD]|'[rR][eE]|'[vV][eE]|'[lL][lL])?";
constexpr Pattern kMarkedWordNoSigns = U"[^\\r\\n\\p{L}\\p{P}\\p{S}]?[\\p{L}\\p{M}]+";
constexpr Pattern kSignWord = U"[!-/:-@\\[-`{-~][A-Za-z]+";
constexpr Pattern kDigit = U"\\p{N}";
constexpr Pattern kDigits = U"\\p{N}+";
constexpr Pattern kThreeDigits = U"\\p{N}{1,3}";
constexpr Pattern kSigns = U" ?[^\\s\\p{L}\\p{N}]+[\\r\\n]*";
constexpr Pattern kSignsSlashed = U" ?[^\\s\\p{L}\\p{N}]+[\\r\\n/]*";
constexpr Pattern kPunctuation = U" ?[\\p{P}\\p{S}]+[\\r\\n]*";
constexpr Pattern kNewlines = U"\\s*[\\r\\n]+";
constexpr Pattern kNewline = U"\\s*[\\r\\n]";
constexpr Pattern kSpacesBeforeWord = U"\\s+(?!\\S)";
constexpr Pattern kSpaces = U"\\s+";
constexpr Pattern kLine = U"[^\\n]+|\\n+";

// Letters of one case, then of the other. Letters that are not ASCII count as both.
constexpr Pattern kCasedWord = U"[^\\r\\n\\p{L}\\p{N}]?[\\p{L}--a-z]*[\\p{L}--A-Z]+";
constexpr Pattern kUpperWord = U"[^\\r\\n\\p{L}\\p{N}]?[\\p{L}--a-z]+[\\p{L}--A-Z]*";
constexpr Pattern kCasedWordContracted =
    U"[^\\r\\n\\p{L}\\p{N}]?[\\p{L}--a-z]*[\\p{L}--A-Z]+(?:'[sStTmMdD]|'[rR][eE]|'[vV][eE]|'[lL][lL])?";
constexpr Pattern kUpperWordContracted =
    U"[^\\r\\n\\p{L}\\p{N}]?[\\p{L}--a-z]+[\\p{L}--A-Z]*(?:'[sStTmMdD]|'[rR][eE]|'[vV][eE]|'[lL][lL])?";
constexpr Pattern kMarkedCasedWord =
    U"[^\\r\\n\\p{L}\\p{N}]?[\\p{L}\\p{M}--a-z]*[\\p{L}\\p{M}--A-Z]+(?:'[sStTmMdD]|'[rR][eE]|'[vV][eE]|'[lL][lL])?";
constexpr Pattern kMarkedUpperWord =
    U"[^\\r\\n\\p{L}\\p{N}]?[\\p{L}\\p{M}--a-z]+[\\p{L}\\p{M}--A-Z]*(?:'[sStTmMdD]|'[rR][eE]|'[vV][eE]|'[lL][lL])?";

// Chinese characters, in the ranges that Kimi K2's tokenizer counts.
constexpr Pattern kHan = U"[\u4e00-\u9fff\u3400-\u4dbf\U00020000-\U0002a6df\U0002a700-\U0002b73f\U0002b740-\U0002b81f"
                         U"\U0002b820-\U0002ceaf\U0002ceb0-\U0002ebef\uf900-\ufaff\U0002f800-\U0002fa1f]+";
constexpr Pattern kWordNotHan =
    U"[^\\r\\n\\p{L}\\p{N}]?[\\p{L}--\u4e00-\u9fff\u3400-\u4dbf\U00020000-\U0002a6df\U0002a700-\U0002b73f"
    U"\U0002b740-\U0002b81f\U0002b820-\U0002ceaf\U0002ceb0-\U0002ebef\uf900-\ufaff\U0002f800-\U0002fa1f]+"
    U"(?:'[sStTmMdD]|'[rR][eE]|'[vV][eE]|'[lL][lL])?";
constexpr Pattern kChineseAndKana = U"[\u4e00-\u9fa5\u3040-\u309f\u30a0-\u30ff]+";
constexpr Pattern kDeepSeekChineseAndKorean = U"[\u0800-\u9fa5\uac00-\ud7ff--\\s]+";
constexpr Pattern kDeepSeekWord =
    U"\\s?[A-Za-z\u00b5\u00c0-\u00d6\u00d8-\u00f6\u00f8-\u01ba\u01bc-\u01bf\u01c4-\u0293\u0295-\u02af\u0370-\u0373"
    U"\u0376\u0377\u037b-\u037d\u037f\u0386\u0388-\u038a\u038c\u038e-\u03a1\u03a3-\u03f5\u03f7-\u0481\u048a-\u052f"
    U"\u0531-\u0556\u10a0-\u10c5\u13a0-\u13f5\u13f8-\u13fd\u1c90-\u1cba\u1cbd-\u1cbf\u1d00-\u1d2b\u1d6b-\u1d77"
    U"\u1d79-\u1d9a\u1e00-\u1f15\u1f18-\u1f1d\u1f20-\u1f45\u1f48-\u1f4d\u1f50-\u1f57\u1f59\u1f5b\u1f5d\u1f5f-\u1f7d"
    U"\u1f80-\u1fb4\u1fb6-\u1fbc\u1fbe\u1fc2-\u1fc4\u1fc6-\u1fcc\u1fd0-\u1fd3\u1fd6-\u1fdb\u1fe0-\u1fec\u1ff2-\u1ff4"
    U"\u1ff6-\u1ffc\u2102\u2107\u210a-\u2113\u2115\u2119-\u211d\u2124\u2126\u2128\u212a-\u212d\u212f-\u2134\u2139"
    U"\u213c-\u213f\u2145-\u2149\u214e\u2183\u2184\u2c00-\u2c7b\u2c7e-\u2ce4\u2ceb-\u2cee\u2cf2\u2cf3\ua640-\ua66d"
    U"\ua680-\ua69b\ua722-\ua76f\ua771-\ua787\ua78b-\ua78e\uab70-\uabbf\ufb00-\ufb06\ufb13-\ufb17\uff21-\uff3a"
    U"\uff41-\uff5a\U00010400-\U0001044f\U000104b0-\U000104d3\U000104d8-\U000104fb\U00010c80-\U00010cb2"
    U"\U00010cc0-\U00010cf2\U000118a0-\U000118df\U0001e900-\U0001e943]+";
constexpr Pattern kDeepSeekPunctuation = U"\\s?[!-/:-~\uff01-\uff0f\uff1a-\uff5e\u2018-\u201f\u3001\u3002]+";
constexpr Pattern kAsianScripts =
    U"[\u4e00-\u9fff\u3400-\u4dbf\u8c48-\ufaff\u3040-\u309f\u30a0-\u30ff\uff65-\uff9f\u2f00-\u2fdf\u0e40-\u0e7f"
    U"\u0e80-\u0eff\u1780-\u17ff\u1000-\u109f\uaa60-\uaa7f\ua9e0-\ua9ff\uac00-\ud7af\u1100-\u11ff]+";
constexpr Pattern kYoutuScripts = U"[\uac00-\ud7a3\u3131-\u318e]+|[\uff01\u2026\u201c\u201d\u2018\u2019\u2014\uff1a"
                                  U"\uff1b\uff0c\u3001-\u303f\ufe30-\ufe4f]+|[\u3105-\u312f]+";
constexpr Pattern kBloomWord = U" ?[^(\\s|.,!?\u2026\u3002\uff0c\u3001\u0964\u06d4\u060c)]+";

const Patterns kGpt2{kLowerContraction,        U" ?\\p{L}+",      U" ?\\p{N}+",
                     U" ?[^\\s\\p{L}\\p{N}]+", kSpacesBeforeWord, kSpaces};
const Patterns kLlama3{kContraction, kWord, kThreeDigits, kSigns, kNewlines, kSpacesBeforeWord, kSpaces};
const Patterns kQwen2{kContraction, kWord, kDigit, kSigns, kNewlines, kSpacesBeforeWord, kSpaces};
const Patterns kDeepSeek3{kSignWord, kMarkedWordNoSigns, kPunctuation, kNewlines, kSpacesBeforeWord, kSpaces};
const Patterns kGpt4o{
    kCasedWordContracted, kUpperWordContracted, kThreeDigits, kSignsSlashed, kNewlines, kSpacesBeforeWord, kSpaces};

std::vector<Rule> gptRules() {
    return {
        {{"", "default"}, {}, {Patterns{U"[\\p{P}$+<=>^~|]+"}, kGpt2, Patterns{kDigits}, Patterns{U"[0-9][0-9][0-9]"}}},
        {{"gpt-2", "phi-2", "jina-es", "jina-de", "gigachat", "jina-v2-es", "jina-v2-de", "a.x-4.0", "mellum",
          "modern-bert", "jina-v1-en", "jina-v2-code", "roberta-bpe", "mpt", "olmo", "jais", "trillion",
          "granite-docling", "exaone4"},
         {},
         {kGpt2}},
        {{"starcoder", "refact", "command-r", "smollm", "codeshell", "exaone", "minerva-7b", "mellum2"},
         {},
         {Patterns{kDigit}, kGpt2}},
        {{"falcon"}, {}, {Patterns{U"[\\p{P}$+<=>^~|`]+"}, kGpt2, Patterns{U"[0-9][0-9][0-9]"}}},
        {{"chameleon"},
         {.addsBegin = true},
         {Patterns{U"<sentinel:[0-9]+>"}, Patterns{U"IMGIMG[A-I]{1,4}Z"}, Patterns{U"[\\t\\n]|    |  "},
          Patterns{kDigit}, Patterns{U"[\\p{P}!-/:-@\\[-`{-~]"}, kGpt2}},
        {{"gpt-4o", "llama4", "kanana2", "talkie", "minimax-m2"}, {}, {kGpt4o}},
        {{"granite-embed-multi-97m"},
         {.ignoresMerges = true},
         {Patterns{kMarkedCasedWord, kMarkedUpperWord, kThreeDigits, kSignsSlashed, kNewlines, kSpacesBeforeWord,
                   kSpaces}}},
        {{"tekken"},
         {.ignoresMerges = true, .addsBegin = true},
         {Patterns{kCasedWord, kUpperWord, kDigit, kSignsSlashed, kNewlines, kSpacesBeforeWord, kSpaces}}},
        {{"tiny_aya", "cohere2moe"},
         {},
         {PreTokenizer::DigitThrees{},
          Patterns{kMarkedWordContracted, kThreeDigits, kSignsSlashed, kNewlines, kSpacesBeforeWord, kSpaces}}},
        {{"superbpe"}, {}, {Patterns{kDigits}, PreTokenizer::BeforeDigitThrees{}}},
        {{"poro-chat", "bloom", "gpt3-finnish"}, {}, {Patterns{kBloomWord}}},
        {{"viking"}, {}, {Patterns{kBloomWord}, Patterns{kDigit}}},
    };
}

std::vector<Rule> llama3Rules() {
    return {
        {{"llama3", "llama-v3", "llama-bpe", "falcon3", "falcon-h1", "pixtral", "midm-2.0", "lfm2", "jina-v5-nano"},
         {.ignoresMerges = true, .addsBegin = true},
         {kLlama3}},
        {{"dbrx", "smaug-bpe", "glm4", "chatglm-bpe"}, {}, {kLlama3}},
        {{"jais-2"},
         {},
         {Patterns{kContraction, kWord, kThreeDigits, kSigns, kNewlines, U"\\s{512}(?!\\S)", U"\\s{256}(?!\\S)",
                   U"\\s{128}(?!\\S)", U"\\s{64}(?!\\S)", U"\\s{32}(?!\\S)", U"\\s{16}(?!\\S)", U"\\s{8}(?!\\S)",
                   U"\\s{4}(?!\\S)", U"\\s{1,2}(?!\\S)", U"\\s"}}},
        {{"minicpm5"},
         {.ignoresMerges = true},
         {Patterns{kThreeDigits},
          Patterns{kContraction, kWord, kDigits, kSigns, kNewlines, kSpacesBeforeWord, kSpaces}}},
        {{"qwen2", "deepseek-r1-qwen", "kormo", "f2llmv2", "megrez", "stablelm2", "hunyuan", "solar-open", "grok-2"},
         {},
         {kQwen2}},
        {{"laguna"}, {}, {Patterns{kLine}, kQwen2}},
        {{"qwen35"},
         {},
         {Patterns{kContraction, kMarkedWord, kDigit, U" ?[^\\s\\p{L}\\p{M}\\p{N}]+[\\r\\n]*", kNewlines,
                   kSpacesBeforeWord, kSpaces}}},
        {{"bailingmoe", "bailingmoe2", "llada-moe"},
         {},
         {Patterns{kContraction, kWord, kDigit, kSigns, kNewline, kSpacesBeforeWord, kSpaces}}},
        {{"seed-coder"},
         {},
         {Patterns{kContraction, kWord, kDigit, U" ?[^\\s\\p{L}\\p{N}\\r\\n]+", kNewlines, kSpacesBeforeWord,
                   kSpaces}}},
        {{"exaone-moe"},
         {},
         {Patterns{kContraction, U"[^\\r\\n\\p{L}\\p{N}]?(?:\\p{L}\\p{M}*(?: \\p{L}\\p{M}*)*)+", kDigit,
                   U" ?[^\\s\\p{L}\\p{N}]+[\\r\\n/]?", kNewline, kSpacesBeforeWord, kSpaces}}},
    };
}

std::vector<Rule> chineseRules() {
    return {
        {{"deepseek-llm"},
         {},
         {Patterns{U"[\\r\\n]"}, Patterns{kDeepSeekWord}, Patterns{kDeepSeekPunctuation}, PreTokenizer::TrailingSpace{},
          Patterns{kDeepSeekChineseAndKorean}, Patterns{kDigits}}},
        {{"deepseek-coder"},
         {},
         {Patterns{U"[\\r\\n]"}, Patterns{U"\\s?\\p{L}+"}, Patterns{U"\\s?\\p{P}+"},
          Patterns{kDeepSeekChineseAndKorean}, Patterns{kDigit}}},
        {{"deepseek-v3", "hunyuan-dense", "joyai-llm"},
         {},
         {Patterns{kThreeDigits}, Patterns{kChineseAndKana}, kDeepSeek3}},
        {{"youtu"},
         {.ignoresMerges = true},
         {Patterns{kYoutuScripts, kChineseAndKana},
          Patterns{kMarkedWordContracted, kDigit, kSignsSlashed, kNewlines, kSpacesBeforeWord, kSpaces}}},
        {{"kimi-k2"}, {}, {Patterns{kHan, kWordNotHan, kThreeDigits, kSigns, kNewlines, kSpacesBeforeWord, kSpaces}}},
        {{"afmoe"}, {}, {PreTokenizer::DigitThrees{}, Patterns{kAsianScripts}, kDeepSeek3}},
    };
}

/// Rules for text that is not turned into bytes first.
std::vector<Rule> characterRules() {
    return {
        {{"gemma4", "granite-embed-multi-311m"},
         {.byteLevel = false, .escapesSpaces = true, .keepsNewlineTokens = true, .alwaysAddsBegin = true},
         {Patterns{kLine}}},
        {{"sarvam-moe"}, {.byteLevel = false, .escapesSpaces = true}, {Patterns{kLine}}},
        {{"whitespace"}, {.byteLevel = false, .dropsSpaces = true}, {Patterns{U"\\S+"}}},
    };
}

} // namespace

PreTokenizer::PreTokenizer(std::vector<Step> steps, Traits traits) : m_steps(std::move(steps)), m_traits(traits) {}

std::optional<PreTokenizer> PreTokenizer::named(std::string_view name) {
    for (const auto& makeRules : {gptRules, llama3Rules, chineseRules, characterRules}) {
        for (const Rule& rule : makeRules()) {
            if (std::find(rule.names.begin(), rule.names.end(), name) == rule.names.end())
                continue;
            std::vector<Step> steps;
            for (const StepSource& source : rule.steps) {
                if (const auto* patterns = std::get_if<Patterns>(&source))
                    steps.emplace_back(SplitPattern(*patterns));
                else if (std::holds_alternative<DigitThrees>(source))
                    steps.emplace_back(DigitThrees{});
                else if (std::holds_alternative<BeforeDigitThrees>(source))
                    steps.emplace_back(BeforeDigitThrees{});
                else
                    steps.emplace_back(TrailingSpace{});
            }
            return PreTokenizer(std::move(steps), rule.traits);
        }
    }
    return std::nullopt;
}

} // namespace hearth
