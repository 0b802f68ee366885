package import Processes

/// Why a request got no response.
package enum TransportError: Error, Equatable, CustomStringConvertible {
    /// The step that failed.
    package enum Step: String, Sendable {
        case connecting
        case sending
        case receiving = "waiting for the response"
    }

    /// The name has no address; the text is the resolver's.
    case hostNotFound(String)
    /// The kernel reported an error: the connection was lost, or was never made.
    case failed(Step, SystemError)
    case timedOut(Step)
    /// The peer closed before the response was complete.
    case truncated
    /// The received bytes are not an HTTP/1.1 response.
    case unreadable(String)
    case tooLong

    package var description: String {
        switch self {
        case .hostNotFound(let reason): "the host was not found: \(reason)"
        case .failed(.connecting, let error): "not connected: \(error)"
        case .failed(let step, let error): "the connection was lost while \(step.rawValue): \(error)"
        case .timedOut(let step): "timed out \(step.rawValue)"
        case .truncated: "the connection was closed in the middle of a response"
        case .unreadable(let detail): "the response cannot be read: \(detail)"
        case .tooLong: "the response is too long"
        }
    }
}
