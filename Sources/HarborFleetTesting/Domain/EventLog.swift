package import HarborFleet

/// Keeps all live events, and lets a test wait for one.
package typealias EventLog = EventRecorder<LiveEvent>

extension EventRecorder: LiveEventSink where Event == LiveEvent {
    package func publish(_ events: [LiveEvent], of fleetID: FleetID) { record(contentsOf: events) }

    /// All events of a fleet so far.
    package func events(of fleetID: FleetID) -> [LiveEvent] { events.filter { $0.fleetID == fleetID } }
}
