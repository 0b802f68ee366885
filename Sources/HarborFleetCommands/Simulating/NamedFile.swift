internal import FleetSimulator
internal import Processes

/// A file that an option of `simulate` names.
enum NamedFile {
    /// Reads the file off the threads that run tasks.
    /// - Parameter body: reads the file at the path, and may block.
    /// - Throws: `SimulatorError.unusableFile`.
    static func read<Content: Sendable>(
        _ path: String, _ body: @escaping @Sendable (String) throws(WholeFile.Failure) -> Content
    ) async throws -> Content {
        let queue = BlockingQueue(label: "harbor-fleet.simulator.file")
        return try await queue.run { () -> Result<Content, SimulatorError> in
            do throws(WholeFile.Failure) {
                return .success(try body(path))
            } catch {
                return .failure(.unusableFile(path, reason: "\(error)"))
            }
        }.get()
    }
}
