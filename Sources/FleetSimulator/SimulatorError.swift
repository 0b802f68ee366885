/// An error that stops the simulator, as a sentence for the person at the terminal.
package enum SimulatorError: Error, Equatable, CustomStringConvertible {
    /// The street network is not GeoJSON on which vehicles can drive.
    case unusableStreets(String)
    /// The recording cannot be replayed.
    case unusableRecording(String)
    /// The address is not an `http://` URL.
    case unusableURL(String)
    /// The secret is not `whsec_BASE64`.
    case unusableSecret
    /// A file that an option names cannot be read, or is empty. The reason follows the path in the text.
    case unusableFile(String, reason: String)
    /// The server refused a POST permanently, with this status and its problem's detail.
    case refused(status: Int, detail: String)
    /// All attempts at a POST failed: the server could not be reached, or responded with 429 or 5xx.
    case unreachable(attempts: Int, detail: String)

    package var description: String {
        switch self {
        case .unusableStreets(let detail): "the street network is not usable: \(detail)"
        case .unusableRecording(let detail): "the recording is not usable: \(detail)"
        case .unusableURL(let detail): "the URL is not usable: \(detail)"
        case .unusableSecret: "the secret must have the form whsec_BASE64"
        case .unusableFile(let path, let reason): "\(path) \(reason)"
        case .refused(let status, let detail): "the server refused the POST with \(status): \(detail)"
        case .unreachable(let attempts, let detail): "gave up after \(attempts) attempts: \(detail)"
        }
    }
}
