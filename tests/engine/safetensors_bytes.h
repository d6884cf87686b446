#pragma once

#include <nlohmann/json.hpp>

#include <cstdint>
#include <cstring>
#include <filesystem>
#include <fstream>
#include <string>
#include <vector>

namespace hearth {

/// Makes the bytes of a safetensors file, also of those that no writer would make.
class SafetensorsBytes {
public:
    /// shape: outermost first.
    void add(const std::string& name, const std::string& dtype, const std::vector<std::int64_t>& shape,
             const std::string& bytes) {
        m_header[name] = {
            {"dtype", dtype}, {"shape", shape}, {"data_offsets", {m_data.size(), m_data.size() + bytes.size()}}};
        m_data += bytes;
    }
    void addFloats(const std::string& name, const std::vector<std::int64_t>& shape, const std::vector<float>& values) {
        add(name, "F32", shape,
            std::string(reinterpret_cast<const char*>(values.data()), values.size() * sizeof(float)));
    }

    [[nodiscard]] nlohmann::ordered_json& header() { return m_header; }
    [[nodiscard]] std::string& data() { return m_data; }
    [[nodiscard]] std::string bytes() const { return withHeader(m_header.dump()); }
    [[nodiscard]] std::string withHeader(const std::string& header) const {
        const std::uint64_t size = header.size();
        return std::string(reinterpret_cast<const char*>(&size), sizeof(size)) + header + m_data;
    }

private:
    nlohmann::ordered_json m_header = nlohmann::ordered_json::object();
    std::string m_data;
};

inline void writeBytes(const std::filesystem::path& path, const std::string& bytes) {
    std::filesystem::remove(path); // some file systems flush what is written over an old file
    std::ofstream file(path, std::ios::binary | std::ios::trunc);
    file.write(bytes.data(), static_cast<std::streamsize>(bytes.size()));
}

} // namespace hearth
