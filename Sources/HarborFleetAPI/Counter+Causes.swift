internal import Metrics

extension Dictionary where Value == Counter {
    /// A counter for each cause, which is the value of its label `cause`.
    init(
        label: String, causes: [(Key, String)],
        factory: any MetricsFactory = MetricsSystem.factory
    ) {
        self.init(
            uniqueKeysWithValues: causes.map { key, cause in
                (key, Counter(label: label, dimensions: [("cause", cause)], factory: factory))
            })
    }
}
