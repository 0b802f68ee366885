import Foundation
import HarborFleetTesting
import Testing

@testable import HarborFleetServer

/// The error for an unusable file of settings or secrets states the reason and the place.
@Suite(.timeLimit(.minutes(1))) struct SettingFileTests {
    private func problem(file: String) async throws -> String {
        let directory = try TemporaryDirectory()
        let path = try directory.write(file, to: "settings.json")
        do {
            _ = try await ServerConfiguration.load(environment: [:], file: path)
            return "no error"
        } catch {
            return error.description.replacing(path, with: "FILE")
        }
    }

    @Test(arguments: [
        ("{", "configuration file: FILE: is not a JSON object: line 1, column 2: the text ends too early"),
        ("", "configuration file: FILE: is not a JSON object: line 1, column 1: the text ends too early"),
        ("[]", "configuration file: FILE: is not a JSON object: line 1, column 1: unexpected character"),
        (
            "{\n  \"http_port\": 8080,\n}\n",
            "configuration file: FILE: is not a JSON object: line 3, column 1: unexpected character"
        ),
        (
            "{\n  \"http_host\": \"Zürich\" 1}",
            "configuration file: FILE: is not a JSON object: line 2, column 25: unexpected character"
        ),
        (
            "{\"http_port\": 1, \"http_port\": 2}",
            "configuration file: FILE: is not a JSON object: line 1, column 18: an object names a member twice"
        ),
        (
            "{\n  \"http_prot\": 1}",
            "FILE, line 2, column 3: 'http_prot' is not a setting of harbor-fleet. Did you mean http_port?"
        ),
        (
            "{\n\n    \"http_port\": \"80\"}",
            "FILE, line 3, column 5: 'http_port' must be a whole number from 0 to 65535"
        ),
    ])
    func error_namesThePlace_whenTheFileIsBroken(file: String, expected: String) async throws {
        #expect(try await problem(file: file) == expected)
    }

    @Test func byteOrderMark_isIgnored() async throws {
        let directory = try TemporaryDirectory()
        let path = try directory.write("\u{FEFF}{\"http_port\": 9000}", to: "settings.json")
        let configuration = try await ServerConfiguration.load(environment: [:], file: path)
        #expect(configuration.publicAddress.port == 9_000)
    }

    /// A shell's `--config <(…)` names such a pipe.
    @Test func pipe_isReadOnce() async throws {
        let pipe = Pipe()
        try pipe.fileHandleForWriting.write(contentsOf: Data(#"{"http_port": 9000}"#.utf8))
        try pipe.fileHandleForWriting.close()
        let path = "/dev/fd/\(pipe.fileHandleForReading.fileDescriptor)"
        let configuration = try await ServerConfiguration.load(environment: [:], file: path)
        try pipe.fileHandleForReading.close()
        #expect(configuration.publicAddress.port == 9_000)
    }

    @Test func error_statesTheReason_whenAFileCannotBeRead() async throws {
        let directory = try TemporaryDirectory()
        let binary = directory.path + "/binary"
        try Data([0xFF, 0xFE, 0x41]).write(to: URL(filePath: binary))
        let cases = [
            (directory.path, "cannot be read: Is a directory"),
            ("/nowhere/x", "cannot be read: No such file or directory"),
            (binary + "/x", "cannot be read: Not a directory"), (binary, "is not UTF-8 text"),
            ("/dev/zero", "is longer than 1048576 bytes"),
        ]
        for (path, reason) in cases {
            let error = await #expect(throws: ConfigurationError.self) {
                _ = try await ServerConfiguration.load(environment: ["HARBOR_SECRET_KEY_FILE": path])
            }
            #expect(error?.description == "HARBOR_SECRET_KEY_FILE: \(path): \(reason)")
        }
    }

    // MARK: The data directory and its key

    private func keyProblem(dataDirectory: String, making: Bool = true) async throws -> String {
        let configuration = try await ServerConfiguration.load(environment: ["HARBOR_DATA_DIR": dataDirectory]
        )
        do {
            if making { _ = try SecretKey.load(for: configuration) }
            return try SecretKey.existing(for: configuration) == nil ? "none" : "a key"
        } catch {
            return error.description
        }
    }

    @Test func error_namesTheDataDirectory_whenItIsNotADirectory() async throws {
        let directory = try TemporaryDirectory()
        let file = try directory.write("x", to: "data")
        #expect(
            try await keyProblem(dataDirectory: file)
                == "data directory: \(file): is not a directory; set HARBOR_DATA_DIR to another path")
        #expect(
            try await keyProblem(dataDirectory: file, making: false)
                == "data directory: \(file): is not a directory; set HARBOR_DATA_DIR to one")
        #expect(
            try await keyProblem(dataDirectory: file + "/deep/er")
                == "data directory: \(file): is not a directory; set HARBOR_DATA_DIR to another path")
        let link = directory.path + "/link"
        try FileManager.default.createSymbolicLink(atPath: link, withDestinationPath: "/nowhere/at/all")
        #expect(
            try await keyProblem(dataDirectory: link).hasPrefix(
                "data directory: \(link): is a symbolic link whose target does not exist"))
    }

    @Test func error_statesTheReason_whenTheKeyCannotBeRead() async throws {
        let directory = try TemporaryDirectory()
        let path = directory.path + "/secret.key"
        #expect(try await keyProblem(dataDirectory: directory.path, making: false) == "none")
        try FileManager.default.createDirectory(atPath: path, withIntermediateDirectories: false)
        #expect(
            try await keyProblem(dataDirectory: directory.path) == """
                secret key: \(path): cannot be read: Is a directory; set HARBOR_SECRET_KEY, or run as the user who owns it
                """)
    }
}
