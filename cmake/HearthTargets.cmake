# The two ways to add a target, so that every folder reads alike and the settings stand in one place.
#   hearth_library(engine SOURCES run/engine.cpp PUBLIC Hearth::kernels_api PRIVATE Hearth::base)
#   hearth_test(tst_kv_cache SOURCES tst_kv_cache.cpp LABELS unit LINK Hearth::engine)

# What every target of this project is compiled with.
add_library(hearth_settings INTERFACE)
target_compile_features(hearth_settings INTERFACE cxx_std_20)
target_include_directories(hearth_settings INTERFACE ${PROJECT_SOURCE_DIR})
# No contraction: the reference and every fast path must round where the source says so.
target_compile_options(hearth_settings INTERFACE -Wall -Wextra -Wno-psabi -ffp-contract=off -fno-math-errno
    # GCC 12 sees overlapping copies where a literal is put before a std::string (its bug 105651).
    $<$<CXX_COMPILER_ID:GNU>:-Wno-restrict>
    $<$<BOOL:${HEARTH_WARNINGS_AS_ERRORS}>:-Werror>)
target_compile_definitions(hearth_settings INTERFACE
    QT_NO_KEYWORDS QT_NO_CAST_FROM_ASCII QT_NO_CAST_TO_ASCII QT_NO_URL_CAST_FROM_STRING)
if(HEARTH_SANITIZE)
    target_compile_options(hearth_settings INTERFACE -fsanitize=${HEARTH_SANITIZE} -fno-omit-frame-pointer -fno-sanitize-recover=all)
    target_link_options(hearth_settings INTERFACE -fsanitize=${HEARTH_SANITIZE})
endif()
if(HEARTH_MOLD)
    target_link_options(hearth_settings INTERFACE -fuse-ld=mold)
endif()

function(hearth_library NAME)
    cmake_parse_arguments(ARG "QT" "" "SOURCES;PUBLIC;PRIVATE" ${ARGN})
    add_library(hearth_${NAME} STATIC ${ARG_SOURCES})
    add_library(Hearth::${NAME} ALIAS hearth_${NAME})
    set_target_properties(hearth_${NAME} PROPERTIES CXX_EXTENSIONS OFF POSITION_INDEPENDENT_CODE ON)
    target_link_libraries(hearth_${NAME} PUBLIC hearth_settings ${ARG_PUBLIC} PRIVATE ${ARG_PRIVATE})
    if(ARG_QT)
        set_target_properties(hearth_${NAME} PROPERTIES AUTOMOC ON)
    endif()
endfunction()

# A Qt Test executable, registered with CTest and run without a display.
function(hearth_test NAME)
    cmake_parse_arguments(ARG "" "TIMEOUT" "SOURCES;LABELS;LINK" ${ARGN})
    if(NOT ARG_TIMEOUT)
        set(ARG_TIMEOUT 120)
    endif()
    if(HEARTH_SANITIZE) # the same work takes several times as long, and machines are shared
        math(EXPR ARG_TIMEOUT "${ARG_TIMEOUT} * 5")
    endif()
    add_executable(${NAME} ${ARG_SOURCES})
    set_target_properties(${NAME} PROPERTIES AUTOMOC ON CXX_EXTENSIONS OFF)
    target_link_libraries(${NAME} PRIVATE hearth_settings ${ARG_LINK} Qt6::Test)
    target_compile_definitions(${NAME} PRIVATE HEARTH_SHARED_DIR="${PROJECT_SOURCE_DIR}/../shared"
        HEARTH_SOURCE_DIR="${PROJECT_SOURCE_DIR}")
    add_test(NAME ${NAME} COMMAND ${NAME})
    set_tests_properties(${NAME} PROPERTIES LABELS "${ARG_LABELS}" TIMEOUT ${ARG_TIMEOUT}
        ENVIRONMENT "QT_QPA_PLATFORM=offscreen;QT_QPA_FONTDIR=;LC_ALL=C.UTF-8")
endfunction()
