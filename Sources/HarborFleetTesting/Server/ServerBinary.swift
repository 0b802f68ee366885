internal import Foundation

/// Finds the `harbor-fleet` program that belongs to the running tests.
enum ServerBinary {
    /// `HARBOR_TEST_BINARY`, else the program beside the test bundle.
    static func path() throws -> String {
        if let named = ProcessInfo.processInfo.environment["HARBOR_TEST_BINARY"] { return named }
        for argument in CommandLine.arguments.prefix(2) {
            if let found = search(above: argument) { return found }
        }
        throw TestFailure(
            "no harbor-fleet beside \(CommandLine.arguments.prefix(2)): set HARBOR_TEST_BINARY")
    }

    /// The nearest program in the directories above a path; the test runner itself may be the toolchain's.
    private static func search(above path: String) -> String? {
        var directory = URL(fileURLWithPath: path).deletingLastPathComponent().standardizedFileURL
        while directory.path != "/" {
            let candidate = directory.appendingPathComponent("harbor-fleet").path
            var isDirectory: ObjCBool = false
            let exists = unsafe FileManager.default.fileExists(atPath: candidate, isDirectory: &isDirectory)
            if exists, !isDirectory.boolValue { return candidate }
            directory.deleteLastPathComponent()
        }
        return nil
    }
}
