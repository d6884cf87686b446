#include "tests/engine/adapter_files.h"

#include "kernels/quant/dequantise.h"
#include "kernels/quant/quantise.h"

#include <algorithm>
#include <cmath>
#include <numeric>
#include <random>
#include <span>

namespace hearth::test {

namespace {

constexpr std::string_view kTable = "token_embd.weight";

std::int64_t countOf(const std::vector<std::int64_t>& extents) {
    return std::accumulate(extents.begin(), extents.end(), std::int64_t{1}, std::multiplies{});
}

std::vector<float> numbersOf(const GgufTensor& tensor) {
    const std::int64_t rows = tensor.extents[1] * tensor.extents[2] * tensor.extents[3];
    std::vector<float> values(static_cast<std::size_t>(rows * tensor.extents[0]));
    for (std::int64_t row = 0; row < rows; ++row)
        dequantiseRow(tensor.dtype,
                      tensor.data + static_cast<std::size_t>(row) * rowBytes(tensor.dtype, tensor.extents[0]),
                      static_cast<std::int32_t>(tensor.extents[0]), values.data() + row * tensor.extents[0]);
    return values;
}

std::vector<std::byte> stored(const Numbers& numbers) {
    const std::int64_t columns = numbers.extents[0];
    const std::int64_t rows = countOf(numbers.extents) / columns;
    std::vector<std::byte> bytes(static_cast<std::size_t>(rows) * rowBytes(numbers.dtype, columns));
    for (std::int64_t row = 0; row < rows; ++row)
        quantiseRow(numbers.dtype, numbers.values.data() + row * columns, static_cast<std::int32_t>(columns),
                    bytes.data() + static_cast<std::size_t>(row) * rowBytes(numbers.dtype, columns));
    return bytes;
}

/// Random numbers that are exactly what their type can hold.
Numbers randomNumbers(DType dtype, std::vector<std::int64_t> extents, float spread, std::mt19937& random) {
    Numbers numbers{dtype, std::move(extents), {}};
    numbers.values.resize(static_cast<std::size_t>(countOf(numbers.extents)));
    for (float& value : numbers.values)
        value = spread * (static_cast<float>(random() >> 8U) / static_cast<float>(1U << 23U) - 1.0F);
    const std::vector<std::byte> bytes = stored(numbers);
    const auto columns = static_cast<std::int32_t>(numbers.extents[0]);
    for (std::size_t row = 0; row * numbers.extents[0] < numbers.values.size(); ++row)
        dequantiseRow(dtype, bytes.data() + row * rowBytes(dtype, columns), columns,
                      numbers.values.data() + row * static_cast<std::size_t>(columns));
    return numbers;
}

GgufField asField(const GgufValue& value) {
    return std::visit(
        [](const auto& held) -> GgufField {
            using Held = std::decay_t<decltype(held)>;
            if constexpr (std::is_same_v<Held, double>)
                return static_cast<float>(held);
            else if constexpr (std::is_same_v<Held, std::vector<double>>)
                return std::vector<float>(held.begin(), held.end());
            else
                return held;
        },
        value);
}

/// values (matrices, rows, columns) += factor * up . down.
void merge(const AdapterNumbers& adapter, const std::string& name, double scale, const GgufTensor& tensor,
           std::vector<double>& values) {
    const auto foundDown = adapter.down.find(name);
    if (foundDown == adapter.down.end())
        return;
    const Numbers& down = foundDown->second;
    const Numbers& up = adapter.up.at(name);
    const std::int64_t columns = tensor.extents[0];
    const std::int64_t rows = tensor.extents[1];
    const bool isTable = name == kTable;
    const std::int64_t rank = isTable ? down.extents[0] : down.extents[1];
    const double factor = adapter.alpha == 0 ? scale : scale * adapter.alpha / static_cast<double>(rank);
    for (std::int64_t matrix = 0; matrix < tensor.extents[2]; ++matrix)
        for (std::int64_t row = 0; row < rows; ++row)
            for (std::int64_t place = 0; place < rank; ++place) {
                // The table's files hold lora_a by token and lora_b by column.
                const float left = isTable ? down.values[static_cast<std::size_t>(row * rank + place)]
                                           : up.values[static_cast<std::size_t>((matrix * rows + row) * rank + place)];
                for (std::int64_t column = 0; column < columns; ++column) {
                    const float right =
                        isTable ? up.values[static_cast<std::size_t>(column * rank + place)]
                                : down.values[static_cast<std::size_t>((matrix * rank + place) * columns + column)];
                    values[static_cast<std::size_t>((matrix * rows + row) * columns + column)] += factor * left * right;
                }
            }
}

} // namespace

Status AdapterNumbers::write(const std::filesystem::path& path) const {
    GgufWriter writer;
    HEARTH_CHECK(writer.set("general.type", std::string("adapter")));
    HEARTH_CHECK(writer.set("adapter.type", std::string("lora")));
    HEARTH_CHECK(writer.set("general.architecture", architecture));
    HEARTH_CHECK(writer.set("adapter.lora.alpha", alpha));
    std::vector<std::vector<std::byte>> kept;
    for (const auto& [halves, suffix] : {std::pair{&down, ".lora_a"}, std::pair{&up, ".lora_b"}})
        for (const auto& [name, numbers] : *halves) {
            kept.push_back(stored(numbers));
            HEARTH_CHECK(writer.addTensor(name + suffix, numbers.dtype, numbers.extents, kept.back()));
        }
    return writer.write(path);
}

bool canBeChanged(const GgufTensor& tensor) {
    const std::string& name = tensor.name;
    const auto has = [&](std::string_view part) { return name.find(part) != std::string::npos; };
    return name.ends_with(".weight") && tensor.extents[1] > 1 && tensor.extents[3] == 1 && !has("norm") && !has("conv")
           && !has("position_embd") && !has("token_types") && !has("nextn") && !has("rope_");
}

AdapterNumbers randomAdapter(const GgufFile& model, std::int32_t rank, float alpha, std::uint32_t seed,
                             const std::function<bool(const std::string&)>& wanted) {
    std::mt19937 random(seed);
    AdapterNumbers adapter;
    adapter.architecture = model.string("general.architecture").value();
    adapter.alpha = alpha;
    std::int32_t index = 0;
    for (const GgufTensor& tensor : model.tensors()) {
        if (!canBeChanged(tensor) || !wanted(tensor.name))
            continue;
        const std::vector<float> held = numbersOf(tensor);
        const double squares = std::inner_product(held.begin(), held.end(), held.begin(), 0.0);
        // An entry of up . down is a sum of `rank` products of two numbers of variance spread^2 / 3.
        const double factor = alpha == 0 ? 1.0 : alpha / rank;
        const double wantedSpread = 0.1 * std::sqrt(squares / static_cast<double>(held.size())) / factor;
        const auto spread = static_cast<float>(std::sqrt(3 * wantedSpread / std::sqrt(rank)));
        const DType types[] = {DType::F32, DType::F16, DType::BF16};
        const DType downType = tensor.extents[0] % 32 == 0 && index % 4 == 3 ? DType::Q8_0 : types[index % 3];
        ++index;
        const std::int64_t matrices = tensor.extents[2];
        const auto shaped = [&](std::int64_t columns, std::int64_t rows) {
            return matrices == 1 ? std::vector<std::int64_t>{columns, rows}
                                 : std::vector<std::int64_t>{columns, rows, matrices};
        };
        const bool isTable = tensor.name == kTable;
        adapter.down[tensor.name] = isTable ? randomNumbers(DType::F32, shaped(rank, tensor.extents[1]), spread, random)
                                            : randomNumbers(downType, shaped(tensor.extents[0], rank), spread, random);
        adapter.up[tensor.name] =
            isTable ? randomNumbers(DType::F16, shaped(rank, tensor.extents[0]), spread, random)
                    : randomNumbers(types[index % 3], shaped(rank, tensor.extents[1]), spread, random);
    }
    return adapter;
}

Status writeMerged(const GgufFile& model, const std::vector<AdapterNumbers>& adapters, const std::vector<float>& scales,
                   const std::filesystem::path& path) {
    GgufWriter writer;
    for (const std::string& key : model.keys())
        if (key != "general.alignment")
            HEARTH_CHECK(writer.set(key, asField(*model.find(key))));
    std::vector<std::vector<float>> kept;
    for (const GgufTensor& tensor : model.tensors()) {
        const std::vector<std::int64_t> extents(tensor.extents.begin(), tensor.extents.begin() + tensor.dimensions);
        const std::vector<float> held = numbersOf(tensor);
        std::vector<double> values(held.begin(), held.end());
        for (std::size_t index = 0; index < adapters.size(); ++index)
            merge(adapters[index], tensor.name, scales[index], tensor, values);
        kept.emplace_back(values.begin(), values.end());
        HEARTH_CHECK(writer.addTensor(tensor.name, DType::F32, extents, std::as_bytes(std::span(kept.back()))));
    }
    return writer.write(path);
}

} // namespace hearth::test
