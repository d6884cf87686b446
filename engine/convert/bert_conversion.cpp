#include "engine/convert/conversion.h"
#include "engine/convert/wordpiece_vocabulary.h"

#include <array>
#include <charconv>
#include <cmath>
#include <optional>

// BERT encoders as transformers stores them -> the tensors and keys of GGUF's architecture "bert".

namespace hearth {

namespace {

constexpr std::int32_t kMostLayers = 1024;
constexpr std::int32_t kMostColumns = 1 << 20;
constexpr std::int32_t kMostRows = 1 << 24;
constexpr std::int32_t kUnusedToken = 5; // tokenizer.ggml.token_type

struct BertConfig {
    std::int32_t layers = 0;
    std::int32_t hidden = 0;
    std::int32_t inner = 0;
    std::int32_t heads = 0;
    std::int32_t positions = 0;
    std::int32_t types = 0;
    std::int32_t vocabulary = 0;
    float epsilon = 0;
};

Result<BertConfig> readConfig(const JsonDocument& document) {
    BertConfig config;
    HEARTH_TRY(config.layers, document.int32("num_hidden_layers", 1, kMostLayers));
    HEARTH_TRY(config.hidden, document.int32("hidden_size", 1, kMostColumns));
    HEARTH_TRY(config.inner, document.int32("intermediate_size", 1, kMostColumns));
    HEARTH_TRY(config.heads, document.int32("num_attention_heads", 1, config.hidden));
    HEARTH_TRY(config.positions, document.int32("max_position_embeddings", 1, kMostRows));
    HEARTH_TRY(config.types, document.int32Or("type_vocab_size", 2, 1, kMostRows));
    HEARTH_TRY(config.vocabulary, document.int32("vocab_size", 1, kMostRows));
    HEARTH_TRY(const double epsilon, document.number("layer_norm_eps"));
    if (!(epsilon >= 0.0 && epsilon <= 1.0))
        return document.wrong("layer_norm_eps", "a number from 0 to 1");
    config.epsilon = static_cast<float>(epsilon);
    if (config.hidden % config.heads != 0)
        return document.wrong("num_attention_heads", "a divisor of hidden_size");
    HEARTH_TRY(const std::string activation, document.stringOr("hidden_act", "gelu"));
    if (activation != "gelu" && activation != "gelu_new" && activation != "gelu_pytorch_tanh")
        return Error{ErrorCode::Unsupported, document.name() + ": 'hidden_act' is '" + activation + "'; GELU is known"};
    HEARTH_TRY(const std::string positions, document.stringOr("position_embedding_type", "absolute"));
    if (positions != "absolute")
        return Error{ErrorCode::Unsupported,
                     document.name() + ": 'position_embedding_type' is '" + positions + "'; absolute is known"};
    return config;
}

Status setModelKeys(Conversion& conversion, const BertConfig& config) {
    const ModelFolder& folder = conversion.folder();
    const auto count = [](std::int32_t value) { return static_cast<std::uint32_t>(value); };
    HEARTH_CHECK(conversion.set("general.architecture", std::string("bert")));
    HEARTH_CHECK(conversion.set("bert.block_count", count(config.layers)));
    HEARTH_CHECK(conversion.set("bert.context_length", count(config.positions)));
    HEARTH_CHECK(conversion.set("bert.embedding_length", count(config.hidden)));
    HEARTH_CHECK(conversion.set("bert.feed_forward_length", count(config.inner)));
    HEARTH_CHECK(conversion.set("bert.attention.head_count", count(config.heads)));
    HEARTH_CHECK(conversion.set("bert.attention.layer_norm_epsilon", config.epsilon));
    HEARTH_CHECK(conversion.set("bert.attention.causal", false));
    HEARTH_CHECK(conversion.set("bert.vocab_size", count(config.vocabulary)));
    if (folder.pooling)
        HEARTH_CHECK(conversion.set("bert.pooling_type", static_cast<std::uint32_t>(*folder.pooling)));
    return conversion.set("tokenizer.ggml.token_type_count", count(config.types));
}

Status setVocabulary(Conversion& conversion, const BertConfig& config) {
    HEARTH_TRY(WordPieceVocabulary vocabulary, WordPieceVocabulary::read(conversion.folder().path));
    const auto rows = static_cast<std::size_t>(config.vocabulary);
    if (vocabulary.tokens.size() > rows)
        return Error{ErrorCode::Corrupt, "'" + conversion.folder().path.string() + "': the tokenizer has "
                                             + std::to_string(vocabulary.tokens.size()) + " tokens, the model "
                                             + std::to_string(rows)};
    // Tables are often padded to a round number of rows.
    for (std::size_t id = vocabulary.tokens.size(); id < rows; ++id) {
        vocabulary.tokens.push_back("[PAD" + std::to_string(id) + "]");
        vocabulary.types.push_back(kUnusedToken);
    }
    HEARTH_CHECK(conversion.set("tokenizer.ggml.model", std::string("bert")));
    HEARTH_CHECK(conversion.set("tokenizer.ggml.pre", std::string("bert-bge")));
    HEARTH_CHECK(conversion.set("tokenizer.ggml.tokens", std::move(vocabulary.tokens)));
    HEARTH_CHECK(conversion.set("tokenizer.ggml.token_type", std::move(vocabulary.types)));
    HEARTH_CHECK(conversion.set("tokenizer.ggml.bos_token_id", vocabulary.classId));
    HEARTH_CHECK(conversion.set("tokenizer.ggml.eos_token_id", vocabulary.separatorId));
    HEARTH_CHECK(conversion.set("tokenizer.ggml.unknown_token_id", vocabulary.unknownId));
    HEARTH_CHECK(conversion.set("tokenizer.ggml.seperator_token_id", vocabulary.separatorId)); // the format's spelling
    HEARTH_CHECK(conversion.set("tokenizer.ggml.padding_token_id", vocabulary.paddingId));
    HEARTH_CHECK(conversion.set("tokenizer.ggml.cls_token_id", vocabulary.classId));
    if (vocabulary.maskId)
        HEARTH_CHECK(conversion.set("tokenizer.ggml.mask_token_id", *vocabulary.maskId));
    HEARTH_CHECK(conversion.set("tokenizer.ggml.normalizer.lowercase", vocabulary.lowercases));
    if (vocabulary.stripsAccents)
        HEARTH_CHECK(conversion.set("tokenizer.ggml.normalizer.strip_accents", *vocabulary.stripsAccents));
    return {};
}

/// One module's weight and bias in the folder, and what GGUF calls them.
struct Module {
    std::string_view source;
    std::string_view target;
};
constexpr Module kInputNorm{"embeddings.LayerNorm", "token_embd_norm"};
constexpr std::array kLayerNorms{Module{"attention.output.LayerNorm", "attn_output_norm"},
                                 Module{"output.LayerNorm", "layer_output_norm"}};
constexpr std::array kSquares{Module{"attention.self.query", "attn_q"}, Module{"attention.self.key", "attn_k"},
                              Module{"attention.self.value", "attn_v"},
                              Module{"attention.output.dense", "attn_output"}};

/// Finds the folder's tensors by their names in today's files or in older ones.
class BertTensors {
public:
    BertTensors(Conversion& conversion, const BertConfig& config) : m_conversion(conversion), m_config(config) {}

    Status addAll() {
        HEARTH_CHECK(checkNames());
        HEARTH_CHECK(addTable("word_embeddings", "token_embd.weight", m_config.vocabulary, Storage::AsStored));
        HEARTH_CHECK(addTable("position_embeddings", "position_embd.weight", m_config.positions, Storage::Float32));
        HEARTH_CHECK(addTable("token_type_embeddings", "token_types.weight", m_config.types, Storage::Float32));
        HEARTH_CHECK(addNorm("", kInputNorm, ""));
        for (std::int32_t layer = 0; layer < m_config.layers; ++layer)
            HEARTH_CHECK(addLayer(layer));
        return {};
    }

private:
    using Storage = Conversion::Storage;

    Status addLayer(std::int32_t layer) {
        const std::string source = "encoder.layer." + std::to_string(layer) + ".";
        const std::string target = "blk." + std::to_string(layer) + ".";
        for (const Module& module : kSquares)
            HEARTH_CHECK(addLinear(source, module, target, m_config.hidden, m_config.hidden));
        HEARTH_CHECK(addLinear(source, {"intermediate.dense", "ffn_up"}, target, m_config.inner, m_config.hidden));
        HEARTH_CHECK(addLinear(source, {"output.dense", "ffn_down"}, target, m_config.hidden, m_config.inner));
        for (const Module& module : kLayerNorms)
            HEARTH_CHECK(addNorm(source, module, target));
        return {};
    }

    Status addTable(const std::string& source, std::string target, std::int32_t rows, Storage storage) {
        HEARTH_TRY(const SafetensorsTensor* const tensor, get({"embeddings." + source + ".weight"}));
        return m_conversion.add(*tensor, std::move(target), {rows, m_config.hidden}, storage);
    }

    Status addLinear(const std::string& source, const Module& module, const std::string& target, std::int32_t rows,
                     std::int32_t columns) {
        const std::string from = source + std::string(module.source);
        const std::string to = target + std::string(module.target);
        HEARTH_TRY(const SafetensorsTensor* const weight, get({from + ".weight"}));
        HEARTH_CHECK(m_conversion.add(*weight, to + ".weight", {rows, columns}, Storage::AsStored));
        HEARTH_TRY(const SafetensorsTensor* const bias, get({from + ".bias"}));
        return m_conversion.add(*bias, to + ".bias", {rows}, Storage::Float32);
    }

    Status addNorm(const std::string& source, const Module& module, const std::string& target) {
        const std::string from = source + std::string(module.source);
        const std::string to = target + std::string(module.target);
        HEARTH_TRY(const SafetensorsTensor* const weight, get({from + ".weight", from + ".gamma"}));
        HEARTH_CHECK(m_conversion.add(*weight, to + ".weight", {m_config.hidden}, Storage::Float32));
        HEARTH_TRY(const SafetensorsTensor* const bias, get({from + ".bias", from + ".beta"}));
        return m_conversion.add(*bias, to + ".bias", {m_config.hidden}, Storage::Float32);
    }

    /// Under one of these names, as it is or behind "bert.".
    Result<const SafetensorsTensor*> get(std::initializer_list<std::string> names) const {
        const SafetensorsFile& weights = *m_conversion.folder().weights;
        for (const std::string& name : names)
            for (const char* prefix : {"", "bert."})
                if (const SafetensorsTensor* tensor = weights.find(prefix + name))
                    return tensor;
        return Error{ErrorCode::NotFound,
                     "'" + weights.path().string() + "': the tensor '" + *names.begin() + "' is missing"};
    }

    /// What is left over would be left out silently: only the known heads may be.
    Status checkNames() const {
        const SafetensorsFile& weights = *m_conversion.folder().weights;
        for (const SafetensorsTensor& tensor : weights.tensors()) {
            std::string_view name = tensor.name;
            if (name.starts_with("bert."))
                name.remove_prefix(5);
            const bool isKnown = name.starts_with("embeddings.") || isOfLayer(name) || name.starts_with("pooler.")
                                 || name.starts_with("cls.");
            if (!isKnown)
                return Error{ErrorCode::Unsupported, "'" + weights.path().string() + "': the tensor '" + tensor.name
                                                         + "' is no part of a BERT encoder of "
                                                         + std::to_string(m_config.layers) + " layers"};
        }
        return {};
    }

    [[nodiscard]] bool isOfLayer(std::string_view name) const {
        constexpr std::string_view kPrefix = "encoder.layer.";
        if (!name.starts_with(kPrefix))
            return false;
        name.remove_prefix(kPrefix.size());
        std::int32_t layer = -1;
        const auto [end, error] = std::from_chars(name.data(), name.data() + name.size(), layer);
        return error == std::errc() && end != name.data() + name.size() && *end == '.' && layer >= 0
               && layer < m_config.layers;
    }

    Conversion& m_conversion;
    const BertConfig& m_config;
};

} // namespace

Status convertBert(Conversion& conversion) {
    HEARTH_TRY(const BertConfig config, readConfig(conversion.folder().config));
    HEARTH_CHECK(setModelKeys(conversion, config));
    HEARTH_CHECK(setVocabulary(conversion, config));
    return BertTensors(conversion, config).addAll();
}

} // namespace hearth
