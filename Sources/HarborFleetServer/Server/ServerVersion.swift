/// The version that `--version`, `/health` and the log show.
package enum ServerVersion {
    package static let text = "0.1.0"
}
