import java.util.*;
import javax.annotation.Priority;
import javax.inject.*;
import org.apache.maven.execution.MavenSession;
import org.apache.maven.lifecycle.LifecycleExecutionException;
import org.apache.maven.lifecycle.internal.LifecycleDependencyResolver;
import org.apache.maven.plugin.*;
import org.apache.maven.project.MavenProject;
import org.codehaus.plexus.util.xml.Xpp3Dom;
import org.eclipse.aether.RepositorySystem;
import org.eclipse.aether.artifact.DefaultArtifact;
import org.eclipse.aether.collection.CollectRequest;
import org.eclipse.aether.graph.Dependency;
import org.eclipse.aether.resolution.DependencyRequest;

/** Resolves what each step of a build would load and read, and runs none of them. */
@Named @Singleton @Priority(100)
public class Resolve implements MojosExecutionStrategy {
  @Inject BuildPluginManager plugins;
  @Inject LifecycleDependencyResolver dependencies;
  @Inject RepositorySystem repositories;

  @Override
  public void execute(List<MojoExecution> mojos, MavenSession session, MojoExecutionRunner runner)
      throws LifecycleExecutionException {
    MavenProject project = session.getCurrentProject();
    try {
      List<String> all = List.of("compile", "runtime", "test", "provided", "system");
      dependencies.resolveProjectDependencies(project, all, all, session, false, Set.of());
      for (MojoExecution mojo : mojos) resolve(mojo, project, session);
    } catch (Exception error) {
      throw new LifecycleExecutionException(error);
    }
    // What other modules of the build resolve it to.
    project.getArtifact().setFile(project.getFile());
  }

  /** Resolves what a step and those that it starts first would load. */
  private void resolve(MojoExecution mojo, MavenProject project, MavenSession session) throws Exception {
    plugins.getPluginRealm(session, mojo.getMojoDescriptor().getPluginDescriptor());
    named(mojo.getConfiguration(), project, session);
    for (List<MojoExecution> first : mojo.getForkedExecutions().values()) {
      for (MojoExecution other : first) resolve(other, project, session);
    }
  }

  /** Resolves the artifacts that a plugin's configuration names, such as the processors of annotations. */
  private void named(Xpp3Dom at, MavenProject project, MavenSession session) throws Exception {
    if (at == null) return;
    String group = text(at, "groupId"), name = text(at, "artifactId"), version = text(at, "version");
    if (group != null && name != null && version != null) {
      String type = text(at, "type") == null ? "jar" : text(at, "type");
      DefaultArtifact artifact = new DefaultArtifact(group, name, text(at, "classifier"), type, version);
      CollectRequest wanted = new CollectRequest().addDependency(new Dependency(artifact, "runtime"));
      wanted.setRepositories(project.getRemoteProjectRepositories());
      repositories.resolveDependencies(session.getRepositorySession(), new DependencyRequest(wanted, null));
    }
    for (Xpp3Dom child : at.getChildren()) named(child, project, session);
  }

  private static String text(Xpp3Dom at, String name) {
    Xpp3Dom child = at.getChild(name);
    return child == null ? null : child.getValue();
  }
}
