#include <stdio.h>
typedef struct { int data[16]; int top; } stack;
static void push(stack *s,int v){ s->data[s->top++]=v; }
static int pop(stack *s){ return s->data[--s->top]; }
static int evaluate(const char *e){ stack s={.top=0}; for(;*e;e++){ if(*e>='0'&&*e<='9') push(&s,*e-'0'); else if(*e!=' '){ int b=pop(&s),a=pop(&s); switch(*e){case '+':push(&s,a+b);break;case '-':push(&s,a-b);break;case '*':push(&s,a*b);break;case '/':push(&s,a/b);break;} } } return pop(&s); }
enum op { PUSH, ADD, MUL, JNZ, DEC, DUP, HALT, SWAP };
static const struct ins { enum op op; int arg; } program[]={{PUSH,1},{PUSH,10},{DUP},{JNZ,5},{HALT},{SWAP},{PUSH,2},{MUL},{SWAP},{DEC},{PUSH,1},{JNZ,2},{HALT}};
static int run(void){ int st[8],sp=0,pc=0,steps=0; for(;;){ const struct ins *i=&program[pc++]; if(++steps>500) return -1; switch(i->op){ case PUSH: st[sp++]=i->arg; break; case ADD: sp--; st[sp-1]+=st[sp]; break; case MUL: sp--; st[sp-1]*=st[sp]; break; case JNZ: if(st[--sp]) pc=i->arg; break; case DEC: st[sp-1]--; break; case DUP: st[sp]=st[sp-1]; sp++; break; case SWAP: {int t=st[sp-1];st[sp-1]=st[sp-2];st[sp-2]=t;} break; case HALT: return st[0]; } } }
struct list { struct list *prev,*next; int v; };
static void insert(struct list *h, struct list *n){ n->next=h->next; n->prev=h; h->next->prev=n; h->next=n; }
struct vec { short x,y,z; unsigned char tag; };
static long long dot(struct vec a, const struct vec *b){ return (long long)a.x*b->x+a.y*b->y+a.z*b->z; }
static void life(unsigned char g[8][8]){ unsigned char n[8][8]; for(int i=0;i<8;i++)for(int j=0;j<8;j++){int c=0;for(int a=-1;a<=1;a++)for(int b=-1;b<=1;b++)if(a||b)c+=g[(i+a)&7][(j+b)&7];n[i][j]=c==3||(c==2&&g[i][j]);} for(int i=0;i<64;i++)((unsigned char*)g)[i]=((unsigned char*)n)[i]; }
int counter; int *pc=&counter; int **ppc=&pc;
struct tree { int key; struct tree *l,*r; } nodes[20]; int nn;
static void add(struct tree **t,int k){ while(*t) t = k<(*t)->key ? &(*t)->l : &(*t)->r; *t=&nodes[nn++]; (*t)->key=k; }
int main(void){
 printf("%d\n",evaluate("3 4 + 2 * 7 - 5 /"));
 printf("%d\n",run());
 struct list head={&head,&head,0},a={0,0,1},b={0,0,2},c={0,0,3};
 insert(&head,&a);insert(&head,&b);insert(&a,&c);
 for(struct list *p=head.next;p!=&head;p=p->next) printf("%d",p->v); puts("");
 struct vec v={1,-2,3,9},u=v; u.x=1000; printf("%d %d\n",(int)dot(v,&u),u.tag);
 unsigned char g[8][8]={{0}}; g[1][2]=g[2][3]=g[3][1]=g[3][2]=g[3][3]=1; for(int i=0;i<8;i++) life(g);
 for(int i=0;i<8;i++){for(int j=0;j<8;j++)putchar(g[i][j]?'#':'.');puts("");}
 **ppc=5; (*pc)++; printf("%d\n",counter);
 struct tree *root=0; int ks[]={5,2,8,1,9,3}; for(int i=0;i<6;i++) add(&root,ks[i]);
 struct tree *st[10]; int sp=0; struct tree *t=root; while(t||sp){ while(t){st[sp++]=t;t=t->l;} t=st[--sp]; printf("%d ",t->key); t=t->r; } puts("");
 unsigned x=0; for(int i=0;i<100;i++){ x = x*1103515245u+12345u; if((x>>16)%7==3) continue; x^=x<<5; } printf("%u\n",x);
 char m[3][6]={"alpha","beta","gam"}; for(int i=0;i<3;i++) printf("%s,",m[i]); printf("%d\n",(int)sizeof m);
 int k=0; do { k+=3; if(k==9) continue; if(k>20) break; } while(k<100); printf("%d\n",k);
 short sh=-5; unsigned short us=sh; long long ll=us*-1; printf("%d %d %d\n",sh>>1,us,(int)ll);
 return 0; }
