internal import FoundationEssentials
internal import Glibc
internal import Processes

/// The directory with `initdb` and `postgres` of one version.
struct PostgresBinaries: Sendable, Equatable {
    let directory: String

    var initdb: String { directory + "/initdb" }
    var postgres: String { directory + "/postgres" }

    /// The directory in which Debian keeps the versions, each in a directory of its own.
    static let debianRoot = "/usr/lib/postgresql"

    /// Finds the newest version, or exactly the one that created a cluster, because another one cannot read its
    /// files.
    /// - Parameter searchPath: the value of PATH.
    /// - Throws: `.missingServer`.
    static func find(
        version: Int?, root: String = debianRoot, searchPath: String
    ) throws(PrivatePostgresError) -> PostgresBinaries {
        let names = (try? FileManager.default.contentsOfDirectory(atPath: root)) ?? []
        let installed = names.compactMap { Int($0) }.sorted(by: >).filter { version == nil || version == $0 }
        let directories =
            installed.map { "\(root)/\($0)/bin" } + searchPath.split(separator: ":").map(String.init)
        for directory in directories {
            let binaries = PostgresBinaries(directory: directory)
            if binaries.areExecutable, version == nil || binaries.version == version { return binaries }
        }
        throw .missingServer(version: version)
    }

    private var areExecutable: Bool {
        unsafe access(initdb, X_OK) == 0 && access(postgres, X_OK) == 0
    }

    /// The major version, from `postgres (PostgreSQL) 15.14 (Debian 15.14-0+deb12u1)`.
    private var version: Int? {
        let command = ChildProcess.Command(executable: postgres, arguments: ["--version"])
        guard let result = try? ShortCommand.run(command), result.exit == .code(0) else { return nil }
        return Self.majorVersion(in: result.output)
    }

    static func majorVersion(in text: String) -> Int? {
        let words = text.split(separator: " ")
        guard words.count > 2, let major = words[2].split(whereSeparator: { !$0.isNumber }).first else {
            return nil
        }
        return Int(major)
    }
}
