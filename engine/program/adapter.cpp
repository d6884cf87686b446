#include "engine/program/adapter.h"

#include "kernels/quant/dequantise.h"

#include <set>

namespace hearth {

namespace {

constexpr std::string_view kDownSuffix = ".lora_a";
constexpr std::string_view kUpSuffix = ".lora_b";
constexpr std::int64_t kMostRank = 1 << 16;
constexpr std::string_view kTable = "token_embd.weight";

std::string inQuotes(std::string_view text) {
    return "'" + std::string(text) + "'";
}

std::string shapeText(const GgufTensor& tensor) {
    std::string text;
    for (int dimension = 0; dimension < tensor.dimensions; ++dimension)
        text += (dimension == 0 ? "" : " x ") + std::to_string(tensor.extents[static_cast<std::size_t>(dimension)]);
    return text;
}

WeightView viewOf(const GgufTensor& tensor) {
    return {tensor.name,
            tensor.data,
            tensor.dtype,
            static_cast<std::int32_t>(tensor.extents[0]),
            static_cast<std::int32_t>(tensor.extents[1]),
            static_cast<std::int32_t>(tensor.extents[2])};
}

/// That the file is a LoRA adapter for this model's architecture.
Status checkKind(const GgufFile& file, const GgufFile& model) {
    const auto expect = [&](const char* key, const std::string& expected) -> Status {
        HEARTH_TRY(const std::string found, file.stringOr(key, ""));
        if (found == expected)
            return {};
        return Error{ErrorCode::Unsupported, inQuotes(file.path().string()) + " is no LoRA adapter for this model: '"
                                                 + std::string(key) + "' is " + inQuotes(found) + ", expected "
                                                 + inQuotes(expected)};
    };
    HEARTH_CHECK(expect("general.type", "adapter"));
    HEARTH_CHECK(expect("adapter.type", "lora"));
    HEARTH_TRY(const std::string architecture, model.string("general.architecture"));
    HEARTH_CHECK(expect("general.architecture", architecture));
    if (file.find("adapter.alora.invocation_tokens") != nullptr)
        return Error{ErrorCode::Unsupported,
                     inQuotes(file.path().string())
                         + " is an adapter that certain tokens switch on, which cannot be used"};
    return {};
}

/// The tensors that the file changes; every tensor has to be half of a pair.
Result<std::set<std::string>> pairNames(const GgufFile& file) {
    std::set<std::string> names;
    for (const GgufTensor& tensor : file.tensors()) {
        const std::string_view name = tensor.name;
        const bool isDown = name.ends_with(kDownSuffix);
        if (!isDown && !name.ends_with(kUpSuffix))
            return Error{ErrorCode::Unsupported,
                         inQuotes(file.path().string()) + ": the tensor " + inQuotes(name)
                             + " is no low-rank matrix: NAME.lora_a or NAME.lora_b is expected"};
        const std::string changed(name.substr(0, name.size() - kDownSuffix.size()));
        const std::string other = changed + std::string(isDown ? kUpSuffix : kDownSuffix);
        if (file.tensor(other) == nullptr)
            return Error{ErrorCode::Corrupt, inQuotes(file.path().string()) + ": " + inQuotes(name) + " is there, but "
                                                 + inQuotes(other) + " is missing"};
        names.insert(changed);
    }
    if (names.empty())
        return Error{ErrorCode::Corrupt, inQuotes(file.path().string()) + " changes no tensor"};
    return names;
}

Error misshapen(const std::filesystem::path& path, const GgufTensor& tensor, const std::string& expected,
                const GgufTensor& base) {
    return {ErrorCode::Corrupt, inQuotes(path.string()) + ": the tensor " + inQuotes(tensor.name) + " measures "
                                    + shapeText(tensor) + ", expected " + expected + " for " + inQuotes(base.name)
                                    + " (" + shapeText(base) + ")"};
}

} // namespace

Result<std::unique_ptr<Adapter>> Adapter::open(const std::filesystem::path& path, const GgufFile& model) {
    HEARTH_TRY(auto file, GgufFile::open(path));
    HEARTH_CHECK(checkKind(*file, model));
    HEARTH_TRY(const float alpha, file->float32Or("adapter.lora.alpha", 0.0F));
    HEARTH_TRY(const std::set<std::string> names, pairNames(*file));
    std::unique_ptr<Adapter> adapter(new Adapter(std::move(file)));
    for (const std::string& name : names)
        HEARTH_CHECK(adapter->readPair(name, model, alpha));
    return adapter;
}

const AdapterPair* Adapter::find(std::string_view tensor) const {
    const auto found = m_pairs.find(tensor);
    return found == m_pairs.end() ? nullptr : &found->second;
}

Status Adapter::readPair(const std::string& name, const GgufFile& model, float alpha) {
    const GgufTensor* base = model.tensor(name);
    if (base == nullptr)
        return Error{ErrorCode::Corrupt, inQuotes(path().string()) + " changes the tensor " + inQuotes(name)
                                             + ", which " + inQuotes(model.path().string())
                                             + " does not have: it is an adapter for " + "another model"};
    if (name.ends_with("_norm.weight") || name.ends_with(".bias"))
        return Error{ErrorCode::Unsupported, inQuotes(path().string()) + " changes " + inQuotes(name)
                                                 + ", a vector; adapters can change matrices only"};
    const GgufTensor& down = *m_file->tensor(name + std::string(kDownSuffix));
    const GgufTensor& up = *m_file->tensor(name + std::string(kUpSuffix));
    const std::int64_t rank = name == kTable ? down.extents[0] : down.extents[1];
    if (rank > kMostRank)
        return Error{ErrorCode::Corrupt, inQuotes(path().string()) + ": " + inQuotes(down.name) + " has the rank "
                                             + std::to_string(rank) + "; up to " + std::to_string(kMostRank)
                                             + " are possible"};
    for (const GgufTensor* half : {&down, &up})
        if (half->dtype == DType::I32 || half->extents[3] != 1)
            return Error{ErrorCode::Corrupt, inQuotes(path().string()) + ": the tensor " + inQuotes(half->name)
                                                 + " holds integers or has four dimensions"};
    if (name == kTable)
        return addTablePair(name, *base, alpha);
    const auto& extents = base->extents;
    const std::string experts = extents[2] == 1 ? "" : " x " + std::to_string(extents[2]);
    const bool isShared = down.extents[2] == 1 || down.extents[2] == extents[2];
    if (down.extents[0] != extents[0] || !isShared)
        return misshapen(path(), down, std::to_string(extents[0]) + " x rank" + experts, *base);
    if (up.extents[0] != down.extents[1] || up.extents[1] != extents[1] || up.extents[2] != extents[2])
        return misshapen(path(), up, std::to_string(down.extents[1]) + " x " + std::to_string(extents[1]) + experts,
                         *base);
    addPair(name, viewOf(down), viewOf(up), alpha);
    return {};
}

/// The table's rows are tokens: lora_a holds a row of `rank` numbers for each, lora_b the matrix that turns them into
/// columns. So lora_a is the up matrix, and lora_b the transpose of the down matrix.
Status Adapter::addTablePair(const std::string& name, const GgufTensor& table, float alpha) {
    const GgufTensor& tokens = *m_file->tensor(name + std::string(kDownSuffix));
    const GgufTensor& columns = *m_file->tensor(name + std::string(kUpSuffix));
    const std::int64_t rank = tokens.extents[0];
    if (tokens.extents[1] != table.extents[1] || tokens.extents[2] != 1)
        return misshapen(path(), tokens, "rank x " + std::to_string(table.extents[1]), table);
    if (columns.extents[0] != rank || columns.extents[1] != table.extents[0] || columns.extents[2] != 1)
        return misshapen(path(), columns, std::to_string(rank) + " x " + std::to_string(table.extents[0]), table);
    const WeightView stored = viewOf(columns);
    const auto width = static_cast<std::size_t>(stored.rows);
    std::vector<float> row(static_cast<std::size_t>(rank));
    m_transposed.resize(row.size() * width);
    for (std::size_t column = 0; column < width; ++column) {
        dequantiseRow(stored.dtype, stored.data + column * stored.rowSizeBytes(), stored.columns, row.data());
        for (std::size_t place = 0; place < row.size(); ++place)
            m_transposed[place * width + column] = row[place];
    }
    const WeightView down{stored.name, reinterpret_cast<const std::byte*>(m_transposed.data()), DType::F32, stored.rows,
                          stored.columns};
    addPair(name, down, viewOf(tokens), alpha);
    return {};
}

void Adapter::addPair(const std::string& name, WeightView down, WeightView up, float alpha) {
    const float factor = alpha == 0.0F ? 1.0F : alpha / static_cast<float>(down.rows);
    m_pairs.emplace(name, AdapterPair{std::move(down), std::move(up), factor});
}

} // namespace hearth
