#pragma once

#include "kernels/api/backend.h"
#include "kernels/base/result.h"

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>

namespace hearth {

/// A backend that lies in a shared library of its own, so that the program starts on machines without its driver.
/// Looked for beside the program and in ../lib/hearth. The library stays open to the end of the program. Thread: any.
class DeviceLibrary {
public:
    /// name: "cuda". Never fails: a library that cannot be opened has no devices, and says why.
    [[nodiscard]] static const DeviceLibrary& of(std::string_view name);

    [[nodiscard]] std::int32_t deviceCount() const;
    /// Why there are no devices; empty if there are some.
    [[nodiscard]] const std::string& whyNone() const { return m_whyNone; }
    /// Errors: the backend's; NotFound if there is no such device.
    [[nodiscard]] Result<std::unique_ptr<Backend>> open(std::int32_t device) const;

    /// What a library exports under kEntryName. abi tells builds apart that do not fit together.
    struct Entry {
        const char* abi;
        std::int32_t (*deviceCount)();
        Backend* (*open)(std::int32_t device, Error& error);
    };
    static constexpr const char* kEntryName = "hearthDeviceLibrary";
    [[nodiscard]] static const char* abi();

private:
    explicit DeviceLibrary(std::string_view name);

    const Entry* m_entry = nullptr;
    std::string m_whyNone;
};

} // namespace hearth
