package import Processes

/// Why a request got no response.
package enum TransportError: Error, Equatable, CustomStringConvertible {
    /// What was being done.
    package enum Step: String, Sendable {
        case connecting
        case sending
        case receiving = "waiting for the answer"
    }

    /// The name has no address, in the resolver's words.
    case hostNotFound(String)
    /// The kernel refused: the connection is gone, or never came to be.
    case failed(Step, SystemError)
    case timedOut(Step)
    /// The peer closed before the response was complete.
    case truncated
    /// What came is no HTTP/1.1 response.
    case unreadable(String)
    case tooLong

    package var description: String {
        switch self {
        case .hostNotFound(let reason): "the host was not found: \(reason)"
        case .failed(.connecting, let error): "not connected: \(error)"
        case .failed(let step, let error): "the connection was lost while \(step.rawValue): \(error)"
        case .timedOut(let step): "timed out \(step.rawValue)"
        case .truncated: "the connection was closed in the middle of an answer"
        case .unreadable(let detail): "the answer cannot be read: \(detail)"
        case .tooLong: "the answer is too long"
        }
    }
}
