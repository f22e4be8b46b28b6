// expect: name-undeclared 3:15, name-undeclared 4:3
int main(void) {
  int *list = malloc(40);
  free(list);
  return 0;
}
