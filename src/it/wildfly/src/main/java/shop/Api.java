package shop;

import jakarta.ws.rs.ApplicationPath;
import jakarta.ws.rs.core.Application;

/** All resources are under /api. */
@ApplicationPath("api")
public class Api extends Application {}
