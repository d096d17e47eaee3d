# The core for other CMake projects: find_package(pdengine), then link pdengine::pdengine and
# include <pdengine/splat_points/splat_points.h>.  docs/cpp.md is its manual.
include(CMakePackageConfigHelpers)
include(GNUInstallDirs)

if(PDENGINE_CUDA STREQUAL "1")
    message(FATAL_ERROR "PDENGINE_CUDA=1 needs PDENGINE_PYTHON=ON: the package is of CPU kernels")
endif()

add_library(pdengine::pdengine ALIAS pdengine_core)
# The soname is the whole version: nothing is promised about the ABI of two versions.
set_target_properties(pdengine_core PROPERTIES
    OUTPUT_NAME pdengine
    EXPORT_NAME pdengine
    VERSION "${PROJECT_VERSION}"
    SOVERSION "${PROJECT_VERSION}"
    VISIBILITY_INLINES_HIDDEN ON)
target_compile_features(pdengine_core PUBLIC cxx_std_17)
if(BUILD_SHARED_LIBS)
    target_compile_definitions(pdengine_core PRIVATE PDENGINE_SHARED)
    if(UNIX AND NOT APPLE)  # its threads sleep in it: dlclose must leave it where it is
        target_link_options(pdengine_core PRIVATE "LINKER:-z,nodelete")
    endif()
endif()

# What add_subdirectory and FetchContent include is spelled like what is installed.
file(MAKE_DIRECTORY "${PROJECT_BINARY_DIR}/include")
file(CREATE_LINK "${PROJECT_SOURCE_DIR}/csrc" "${PROJECT_BINARY_DIR}/include/pdengine" SYMBOLIC)
target_include_directories(pdengine_core INTERFACE
    "$<BUILD_INTERFACE:${PROJECT_BINARY_DIR}/include>"
    "$<INSTALL_INTERFACE:${CMAKE_INSTALL_INCLUDEDIR}>")

# The header that an op is named after, and what those include.
foreach(source IN LISTS PDENGINE_CPU_SOURCES)
    get_filename_component(folder "${source}" DIRECTORY)
    get_filename_component(op "${folder}" NAME)
    if(NOT op STREQUAL "core")
        install(FILES "${folder}/${op}.h" DESTINATION "${CMAKE_INSTALL_INCLUDEDIR}/pdengine/${op}")
    endif()
endforeach()
install(FILES csrc/core/api.h csrc/core/cpu_features.h csrc/core/rows.h csrc/core/tensor_view.h
    DESTINATION "${CMAKE_INSTALL_INCLUDEDIR}/pdengine/core")

set(PDENGINE_PACKAGE "${CMAKE_INSTALL_LIBDIR}/cmake/pdengine")
install(TARGETS pdengine_core EXPORT pdengineTargets
    ARCHIVE DESTINATION "${CMAKE_INSTALL_LIBDIR}"
    LIBRARY DESTINATION "${CMAKE_INSTALL_LIBDIR}")
install(EXPORT pdengineTargets NAMESPACE pdengine:: DESTINATION "${PDENGINE_PACKAGE}")
configure_package_config_file(cmake/pdengineConfig.cmake.in
    "${PROJECT_BINARY_DIR}/pdengineConfig.cmake"
    INSTALL_DESTINATION "${PDENGINE_PACKAGE}")
write_basic_package_version_file("${PROJECT_BINARY_DIR}/pdengineConfigVersion.cmake"
    COMPATIBILITY SameMinorVersion)
install(FILES
    "${PROJECT_BINARY_DIR}/pdengineConfig.cmake"
    "${PROJECT_BINARY_DIR}/pdengineConfigVersion.cmake"
    DESTINATION "${PDENGINE_PACKAGE}")
install(FILES LICENSE DESTINATION "${CMAKE_INSTALL_DOCDIR}")
