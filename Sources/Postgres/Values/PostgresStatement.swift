/// One statement with its parameters, encoded and ready to send.
package struct PostgresStatement: Sendable {
    package let sql: String
    let parameters: ParameterBlock

    /// - Parameter sql: one statement; parameters are `$1`, `$2`, …
    package init(_ sql: String, _ parameters: [PostgresValue] = []) {
        self.sql = sql
        self.parameters = ParameterBlock(parameters)
    }
}
