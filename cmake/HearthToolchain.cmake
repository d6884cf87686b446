# Tools that make building quicker. They are used where they are installed, and nothing depends on them.
find_program(HEARTH_CCACHE ccache)
if(HEARTH_CCACHE AND NOT CMAKE_CXX_COMPILER_LAUNCHER)
    set(CMAKE_CXX_COMPILER_LAUNCHER ${HEARTH_CCACHE})
endif()
find_program(HEARTH_MOLD mold)
