# What this machine offers beside the CPU. AUTO takes what is found, ON fails without it, OFF does not look.
# The CPU program is complete without either.
set(HEARTH_CUDA AUTO CACHE STRING "CUDA backend: AUTO, ON or OFF")
set(HEARTH_VULKAN AUTO CACHE STRING "Vulkan backend: AUTO, ON or OFF")
set_property(CACHE HEARTH_CUDA HEARTH_VULKAN PROPERTY STRINGS AUTO ON OFF)

# Looks for PACKAGE as OPTION says and puts one phrase about it into SUMMARY.
function(hearth_find_optional OPTION PACKAGE SUMMARY)
    if("${${OPTION}}" STREQUAL "OFF")
        set(${SUMMARY} "switched off" PARENT_SCOPE)
        return()
    endif()
    find_package(${PACKAGE} QUIET)
    if(${PACKAGE}_FOUND)
        set(${SUMMARY} "found ${${PACKAGE}_VERSION}" PARENT_SCOPE)
    elseif("${${OPTION}}" STREQUAL "AUTO")
        set(${SUMMARY} "not found" PARENT_SCOPE)
    else()
        message(FATAL_ERROR "${OPTION} is ${${OPTION}}, but ${PACKAGE} was not found")
    endif()
endfunction()

hearth_find_optional(HEARTH_CUDA CUDAToolkit HEARTH_CUDA_SUMMARY)
hearth_find_optional(HEARTH_VULKAN Vulkan HEARTH_VULKAN_SUMMARY)
message(STATUS "Hearth devices: CPU always; CUDA toolkit ${HEARTH_CUDA_SUMMARY}; Vulkan ${HEARTH_VULKAN_SUMMARY}")
