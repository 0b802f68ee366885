/// What stops the simulator, as a sentence for the person at the terminal.
package enum SimulatorError: Error, Equatable, CustomStringConvertible {
    /// The street network is no GeoJSON that vehicles can drive on.
    case unusableStreets(String)
    /// The recording cannot be replayed.
    case unusableRecording(String)
    /// The address is no `http://` URL.
    case unusableURL(String)
    /// The secret is not `whsec_BASE64`.
    case unusableSecret
    /// A file that an option names cannot be read, or is empty. The reason goes behind the path.
    case unusableFile(String, reason: String)
    /// The server refused a POST for good, with its status and its problem's detail.
    case refused(status: Int, detail: String)
    /// The server could not be reached, or answered 429 or 5xx, as often as a POST is tried.
    case unreachable(attempts: Int, detail: String)

    package var description: String {
        switch self {
        case .unusableStreets(let detail): "the street network is not usable: \(detail)"
        case .unusableRecording(let detail): "the recording is not usable: \(detail)"
        case .unusableURL(let detail): "the URL is not usable: \(detail)"
        case .unusableSecret: "the secret is not of the form whsec_BASE64"
        case .unusableFile(let path, let reason): "\(path) \(reason)"
        case .refused(let status, let detail): "the server refused the POST with \(status): \(detail)"
        case .unreachable(let attempts, let detail): "gave up after \(attempts) attempts: \(detail)"
        }
    }
}
