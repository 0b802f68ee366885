internal import Broadcast
internal import Endpoint
internal import EventLoops
internal import HarborFleet
internal import Postgres
internal import StoreCache
internal import Supervision
internal import Telemetry

/// Values that are looked up when somebody asks for the metrics, not counted when they change. What they mean
/// stands in `MetricDescriptions`.
struct ServerMetrics: Sendable {
    /// By what they are for.
    let pools: [String: PostgresPool]
    let recorder: FixRecorder
    let coldLane: ColdLane
    let sessionWrites: ColdLane
    let revision: RevisionClock
    let trackers: DynamicSupervisor
    let fleets: FleetContext
    let broadcast: Broadcast<LiveEvent>
    let partitions: PartitionBoard
    /// By the name of its listener.
    let endpoints: [String: EndpointServer]
    /// By number, or by what they do.
    let loops: [(name: String, loop: EventLoop)]
    /// What strangers or readers can fill.
    let caches: @Sendable () -> [(name: String, use: CacheUse)]

    /// Gives the registry all values at each scrape.
    func collect(into collector: inout MetricCollector) {
        let children = trackers.tree.children
        let lengths = children.compactMap(\.mailboxLength)

        for (name, pool) in pools { collect(pool.health, of: name, into: &collector) }
        for (name, loop) in loops { collect(loop.turnTimes, of: name, into: &collector) }
        for (name, use) in caches() { collect(use, of: name, into: &collector) }
        collector.gauge("harbor_recorder_rows", Double(recorder.queuedRows))
        collector.gauge("harbor_trackers", Double(fleets.servingTrackers))
        collector.gauge("harbor_tracker_mailbox_messages", Double(lengths.reduce(0, +)))
        collector.gauge("harbor_tracker_mailbox_longest", Double(lengths.max() ?? 0))
        collector.gauge("harbor_fleets_quarantined", Double(trackers.quarantined.count))
        collector.gauge("harbor_tracker_restarts", Double(children.reduce(0) { $0 + $1.restarts }))
        collector.gauge("harbor_live_subscriptions", Double(broadcast.topicCount))
        collector.counter("harbor_live_dropped_total", Double(broadcast.dropped))
        collector.gauge("harbor_cold_lookups_waiting", Double(coldLane.waiting))
        collect("harbor_cold_lookups_refused_total", coldLane, into: &collector)
        collector.gauge("harbor_session_writes_waiting", Double(sessionWrites.waiting))
        collect("harbor_session_writes_refused_total", sessionWrites, into: &collector)
        if let age = revision.age { collector.gauge("harbor_revision_age_seconds", age / .seconds(1)) }
        collect(partitions.supply, into: &collector)
        for (name, endpoint) in endpoints {
            let labels = [("listener", name)]
            collector.gauge("harbor_body_bytes", Double(endpoint.heldBodyBytes), labels: labels)
        }
    }

    private func collect(_ turns: TurnTimes, of loop: String, into collector: inout MetricCollector) {
        collector.histogram(
            "harbor_loop_turn_seconds", bounds: TurnTimes.bounds.map { Double($0) / 1e9 },
            counts: turns.buckets, sum: Double(turns.nanoseconds) / 1e9, labels: [("loop", loop)])
    }

    private func collect(_ use: CacheUse, of cache: String, into collector: inout MetricCollector) {
        let labels = [("cache", cache)]
        collector.gauge("harbor_cache_keys", Double(use.count), labels: labels)
        collector.counter("harbor_cache_evicted_total", Double(use.evictions), labels: labels)
    }

    private func collect(_ name: String, _ lane: ColdLane, into collector: inout MetricCollector) {
        let refused = lane.refused
        collector.counter(name, Double(refused.all), labels: [("cause", "all")])
        collector.counter(name, Double(refused.share), labels: [("cause", "share")])
    }

    private func collect(_ supply: PartitionSupply, into collector: inout MetricCollector) {
        collector.counter("harbor_partitions_made_total", Double(supply.made))
        collector.counter("harbor_partitions_dropped_total", Double(supply.dropped))
        collector.counter("harbor_partition_failures_total", Double(supply.failures))
        if let success = supply.lastSuccess {
            collector.gauge("harbor_partitions_last_success_timestamp_seconds", success.seconds)
        }
        guard let survey = supply.survey else { return }
        let now = partitions.clock.now()
        collector.gauge("harbor_partitions", Double(survey.count))
        collector.gauge("harbor_partitions_missing", Double(supply.missing(at: now)))
        collector.gauge("harbor_partitions_expired", Double(supply.expired(at: now)))
        if let oldest = survey.oldest, let newest = survey.newest {
            collector.gauge("harbor_partitions_oldest_timestamp_seconds", oldest.seconds)
            collector.gauge("harbor_partitions_newest_timestamp_seconds", newest.seconds)
        }
    }

    private func collect(_ health: PoolHealth, of pool: String, into collector: inout MetricCollector) {
        let labels = [("pool", pool)]
        collector.gauge("harbor_database_connections", Double(health.connected), labels: labels)
        collector.gauge("harbor_database_connections_leased", Double(health.leased), labels: labels)
        collector.gauge("harbor_database_waiters", Double(health.waiting), labels: labels)
        collector.counter("harbor_database_exhausted_total", Double(health.exhausted), labels: labels)
        collector.gauge("harbor_database_available", health.isAvailable ? 1 : 0, labels: labels)
        collector.counter("harbor_database_lost_total", Double(health.lost), labels: labels)
        collector.counter("harbor_database_breaker_opened_total", Double(health.openings), labels: labels)
        collector.counter("harbor_database_sessions_renewed_total", Double(health.renewals), labels: labels)
    }
}

extension Timestamp {
    /// Since 1970, as metrics have it.
    fileprivate var seconds: Double { Double(milliseconds) / 1000 }
}
