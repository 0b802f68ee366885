internal import Endpoint
internal import EventLoops
internal import HarborFleet

/// The credential that a live subscriber came with, to be looked at again when tokens change.
struct LiveAccess: Sendable {
    /// nil where reads need no token.
    let credential: Credential?
    let authenticator: Authenticator

    /// Asks whether the credential still opens `fleetID`, and answers on `loop`. A database that does not answer
    /// closes nobody's stream.
    func check(_ fleetID: FleetID, on loop: EventLoop, _ answer: @escaping @Sendable (Bool) -> Void) {
        guard let credential else { return }
        let authenticator = authenticator
        Task(executorPreference: loop) {
            do {
                answer(try await authenticator.lookUp(credential).scope.contains(fleetID))
            } catch is Problem {
                answer(false)
            } catch {
                return
            }
        }
    }
}
