// swift-tools-version: 6.2

import PackageDescription

let strict: [SwiftSetting] = [
  .strictMemorySafety(),
  .treatAllWarnings(as: .error),
  .enableUpcomingFeature("ExistentialAny"),
  .enableUpcomingFeature("InternalImportsByDefault"),
  .enableUpcomingFeature("MemberImportVisibility"),
  .enableUpcomingFeature("NonisolatedNonsendingByDefault"),
]

/// A module of our own: its folder is `Sources/NAME`, its tests are `Tests/NAMETests`.
func module(_ name: String, _ dependencies: [Target.Dependency] = []) -> Target {
  .target(name: name, dependencies: dependencies, swiftSettings: strict)
}

func tests(
  of name: String, _ dependencies: [Target.Dependency] = [], exclude: [String] = [], resources: [Resource] = []
) -> Target {
  .testTarget(
    name: "\(name)Tests", dependencies: [.byName(name: name), "Support"] + dependencies, exclude: exclude,
    resources: resources, swiftSettings: strict)
}

let argumentParser = Target.Dependency.product(
  name: "ArgumentParser", package: "swift-argument-parser")
let logging = Target.Dependency.product(name: "Logging", package: "swift-log")
let nio =
  ["NIOCore", "NIOPosix", "NIOHTTP1", "NIOTLS"].map { Target.Dependency.product(name: $0, package: "swift-nio") }
  + [Target.Dependency.product(name: "NIOSSL", package: "swift-nio-ssl")]

/// Linked with libFuzzer, and so only where Tests/Fuzz/run asks for it.
let fuzzing: [Target] =
  Context.environment["SUBNET_SD_FUZZING"] == nil
  ? []
  : [
    .executableTarget(
      name: "fuzz",
      dependencies: [
        "Addressing", "Configuration", "Controlling", "Exporters", "Exposition", "Inventory", "Pages", "Probing",
        "Sweeping", .product(name: "NIOCore", package: "swift-nio"),
        .product(name: "NIOEmbedded", package: "swift-nio"), .product(name: "NIOHTTP1", package: "swift-nio"),
      ], path: "Tests/Fuzz", exclude: ["Corpus", "run"], swiftSettings: strict)
  ]

let package = Package(
  name: "subnet-sd",
  products: [.executable(name: "subnet-sd", targets: ["subnet-sd"])],
  dependencies: [
    .package(url: "https://github.com/apple/swift-argument-parser", from: "1.8.2"),
    .package(url: "https://github.com/apple/swift-log", from: "1.16.2"),
    .package(url: "https://github.com/apple/swift-nio", from: "2.101.2"),
    .package(url: "https://github.com/apple/swift-nio-ssl", from: "2.37.6"),
  ],
  targets: [
    .executableTarget(
      name: "subnet-sd",
      dependencies: [
        "Daemon", "Addressing", "Configuration", "Controlling", "Exporters", "Files", "Inventory", "Naming", "Probing",
        "Publishing", "Sweeping", argumentParser,
      ],
      swiftSettings: strict),
    module(
      "Daemon",
      [
        "Addressing", "Configuration", "Controlling", "Exporters", "Files", "Sweeping", "Probing", "Inventory",
        "Naming",
        "Publishing", "Systemd", logging, "Web", "Pages", "Exposition", "CLinux",
      ]),

    module("Configuration", ["Addressing", "Documents", "Exporters", "Files"]),
    module("Sweeping", ["Addressing", "Files", "CLinux"]),
    module("Probing", ["Addressing", "Exporters", "Exposition"] + nio),
    module("Inventory", ["Addressing", "Exporters", "Files"]),
    module("Publishing", ["Addressing", "Documents", "Exporters", "Files"]),
    module("Controlling", ["Addressing", "Files", "CLinux"]),
    module("Naming", ["Addressing"]),
    module("Pages", ["Addressing"]),
    module("Web", ["Addressing", "Exposition", "Files", "Pages", "CCrypt"] + nio),
    module("Systemd", ["Addressing", "CSystemd", logging]),

    module("Documents", ["CYAML"]),
    module("Exporters", ["Exposition"]),
    module("Exposition"),
    module("Addressing"),
    module("Files", ["CLinux"]),

    .target(name: "CLinux"),
    .target(name: "CCrypt", linkerSettings: [.linkedLibrary("crypt")]),
    .systemLibrary(name: "CSystemd", pkgConfig: "libsystemd", providers: [.apt(["libsystemd-dev"])]),
    .systemLibrary(name: "CYAML", pkgConfig: "yaml-0.1", providers: [.apt(["libyaml-dev"])]),

    .target(name: "Support", path: "Tests/Support", swiftSettings: strict),
    .executableTarget(
      name: "micro-benchmark",
      dependencies: ["Addressing", "Configuration", "Exporters", "Exposition", "Files", "Inventory", "Publishing"],
      path: "Tests/Benchmarks/Micro", swiftSettings: strict),
    tests(of: "Addressing"),
    tests(of: "Configuration", ["Addressing", "Documents", "Exporters"], resources: [.copy("Fixtures")]),
    tests(
      of: "Daemon",
      [
        "Addressing", "Configuration", "Controlling", "Exporters", "Files", "Inventory", "Naming", "Probing",
        "Exposition", "Publishing", "Sweeping", "Systemd", logging, "Web",
      ]),
    tests(of: "Documents"),
    tests(of: "Exporters", ["Exposition"], exclude: ["README.md"], resources: [.copy("Fixtures")]),
    tests(of: "Exposition"),
    tests(of: "Controlling", ["Addressing", "Files"]),
    tests(of: "Inventory", ["Addressing", "Exporters", "Files"]),
    tests(of: "Files"),
    tests(of: "Naming", ["Addressing"]),
    tests(of: "Pages", ["Addressing"]),
    tests(
      of: "Probing",
      ["Addressing", "Exporters", "Files", "Sweeping"]
        + ["NIOCore", "NIOEmbedded", "NIOHTTP1"].map { .product(name: $0, package: "swift-nio") }),
    tests(of: "Publishing", ["Addressing", "Documents", "Exporters", "Files"]),
    tests(of: "Sweeping", ["Addressing", "Files"]),
    tests(of: "Systemd", ["Addressing", logging]),
    tests(of: "Web", ["Addressing", "Exposition", "Pages"] + nio),
  ] + fuzzing,
  swiftLanguageModes: [.v6]
)
