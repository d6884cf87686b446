#include "kernels/loader/device_library.h"

#include <array>
#include <filesystem>
#include <map>
#include <mutex>

#include <dlfcn.h>

namespace hearth {

namespace {

std::filesystem::path programFolder() {
    std::error_code ignored;
    return std::filesystem::read_symlink("/proc/self/exe", ignored).parent_path();
}

void* openLibrary(std::string_view name, std::string& whyNot) {
    const std::string file = "libhearth_" + std::string(name) + ".so";
    const std::filesystem::path beside = programFolder();
    for (const std::filesystem::path& folder : std::array{beside, beside / "../lib/hearth"}) {
        std::error_code ignored;
        if (!std::filesystem::exists(folder / file, ignored))
            continue;
        if (void* library = dlopen((folder / file).c_str(), RTLD_NOW | RTLD_LOCAL))
            return library;
        whyNot = dlerror();
        return nullptr;
    }
    whyNot = file + " is not installed";
    return nullptr;
}

} // namespace

const char* DeviceLibrary::abi() {
    // The layout of what crosses the border follows the sources and the compiler; both are built together.
    return HEARTH_DEVICE_ABI " " __VERSION__;
}

DeviceLibrary::DeviceLibrary(std::string_view name) {
    void* library = openLibrary(name, m_whyNone);
    if (library == nullptr)
        return;
    const auto* entry = static_cast<const Entry*>(dlsym(library, kEntryName));
    if (entry == nullptr || std::string_view(entry->abi) != abi())
        m_whyNone = "libhearth_" + std::string(name) + ".so belongs to another version of Hearth";
    else if (entry->deviceCount() == 0)
        m_whyNone = "no device that " + std::string(name) + " can use";
    else
        m_entry = entry;
}

const DeviceLibrary& DeviceLibrary::of(std::string_view name) {
    static std::mutex mutex;
    static std::map<std::string, DeviceLibrary, std::less<>> libraries;
    const std::lock_guard lock(mutex);
    const auto known = libraries.find(name);
    return known != libraries.end() ? known->second
                                    : libraries.emplace(std::string(name), DeviceLibrary(name)).first->second;
}

std::int32_t DeviceLibrary::deviceCount() const {
    return m_entry == nullptr ? 0 : m_entry->deviceCount();
}

Result<std::unique_ptr<Backend>> DeviceLibrary::open(std::int32_t device) const {
    if (m_entry == nullptr)
        return Error{ErrorCode::NotFound, m_whyNone};
    Error error;
    std::unique_ptr<Backend> backend(m_entry->open(device, error));
    if (backend == nullptr)
        return error;
    return backend;
}

} // namespace hearth
