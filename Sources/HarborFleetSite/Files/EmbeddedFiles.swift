/// The files of `Assets/` that are served under `/assets/`, by name. A test compares the list with the folder.
enum EmbeddedFiles {
    static let all: [String: [UInt8]] = [
        "app.css": PackageResources.app_css,
        "backoff.js": PackageResources.backoff_js,
        "banner.js": PackageResources.banner_js,
        "favicon.svg": PackageResources.favicon_svg,
        "fleet-list.js": PackageResources.fleet_list_js,
        "fleet-model.js": PackageResources.fleet_model_js,
        "fleet-page.js": PackageResources.fleet_page_js,
        "format.js": PackageResources.format_js,
        "glide.js": PackageResources.glide_js,
        "harbor-quarter.geojson": PackageResources.harbor_quarter_geojson,
        "live.js": PackageResources.live_js,
        "live-sequence.js": PackageResources.live_sequence_js,
        "map.js": PackageResources.map_js,
        "mark-sprites.js": PackageResources.mark_sprites_js,
        "server-clock.js": PackageResources.server_clock_js,
        "session.js": PackageResources.session_js,
        "sign-in.js": PackageResources.sign_in_js,
        "sign-in-problem.js": PackageResources.sign_in_problem_js,
        "street-layer.js": PackageResources.street_layer_js,
        "table.js": PackageResources.table_js,
        "vehicle-filter.js": PackageResources.vehicle_filter_js,
        "vehicle-layer.js": PackageResources.vehicle_layer_js,
        "vehicle-order.js": PackageResources.vehicle_order_js,
        "vehicle-row.js": PackageResources.vehicle_row_js,
    ]
}
