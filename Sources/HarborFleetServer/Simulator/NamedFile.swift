import Foundation

/// A file that an option names.
enum NamedFile {
    /// Reads apart from the threads of tasks.
    /// - Parameter limit: at most this many bytes are read, whatever the file pretends to be.
    /// - Throws: `SimulatorError.unreadableFile`, with what the system says.
    static func read(_ path: String, upTo limit: Int) async throws -> [UInt8] {
        let queue = BlockingQueue(label: "harbor-fleet.simulator.file")
        return try await queue.run { () -> Result<[UInt8], SimulatorError> in
            do {
                let file = try FileHandle(forReadingFrom: URL(filePath: path))
                return .success(Array(try file.read(upToCount: limit) ?? Data()))
            } catch {
                return .failure(.unreadableFile(path: path, reason: reason(of: error)))
            }
        }.get()
    }

    /// The system's words, which Foundation wraps in vaguer ones.
    private static func reason(of error: any Error) -> String {
        let cause = ((error as? CocoaError)?.underlying ?? error) as NSError
        guard cause.domain == NSPOSIXErrorDomain else { return cause.localizedDescription }
        return SystemError.text(CInt(truncatingIfNeeded: cause.code))
    }
}
