// What the shared library shows: see kernels/loader.

#include "kernels/cuda/cuda_backend.h"
#include "kernels/loader/device_library.h"

namespace {

hearth::Backend* open(std::int32_t device, hearth::Error& error) {
    auto backend = hearth::cuda::createCudaBackend(device);
    if (backend.ok())
        return std::move(backend).value().release();
    error = backend.error();
    return nullptr;
}

} // namespace

extern "C" __attribute__((visibility("default")))
const hearth::DeviceLibrary::Entry hearthDeviceLibrary{hearth::DeviceLibrary::abi(), hearth::cuda::deviceCount, open};
