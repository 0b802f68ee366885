package import HarborFleet
package import PubSub

/// Where trackers publish: the topics that the live subscribers of every loop have joined.
package struct PubSubSink: LiveEventSink {
    private let pubSub: PubSub<LiveEvent>

    package init(_ pubSub: PubSub<LiveEvent>) {
        self.pubSub = pubSub
    }

    package func publish(_ events: [LiveEvent], of fleetID: FleetID) {
        pubSub.publish(events, to: fleetID.topic)
    }
}
